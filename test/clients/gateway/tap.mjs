// tap.mjs: what a test says, a line each, and how to ask the gateway.
//
// Must not know: what is asked.

import { createHmac } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

let count = 0;
let failed = 0;

export function ok(held, title, found) {
    count += 1;
    console.log(`${held ? "ok" : "not ok"} ${count} - ${title}`);
    if (held) return;
    failed += 1;
    if (found !== undefined) console.log(JSON.stringify(found, null, 1).slice(0, 4000).replace(/^/gm, "# "));
}

export const is = (found, wanted, title) => ok(isDeepStrictEqual(found, wanted), title, { found, wanted });

export function done() {
    console.log(`1..${count}`);
    process.exitCode = failed ? 1 : 0;
}

export const KEY = "a key for tests, of thirty-two characters or more";

// A token for a subject: claims, and how it differs from one that holds.
export function token(claims, { key = KEY, alg = "HS256", seconds = 300 } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const text = [{ alg, typ: "JWT" }, { aud: "care_api", iat: now, exp: now + seconds, ...claims }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${text}.${alg === "none" ? "" : createHmac("sha256", key).update(text).digest("base64url")}`;
}

// What the gateway answers: status, data and errors; errors have a message and, from the database, a SQLSTATE.
export async function ask(gateway, bearer, query, variables) {
    const response = await fetch(`${gateway}graphql`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...bearer && { Authorization: `Bearer ${bearer}` } },
        body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const { data, errors } = JSON.parse(text);
    return { status: response.status, text, data, errors, state: errors?.[0]?.extensions?.exception?.errcode ?? errors?.[0]?.errcode };
}
