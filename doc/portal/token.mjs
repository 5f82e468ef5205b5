// token.mjs: a test token, as an identity provider would make it.
//
//   node token.mjs SUBJECT [ROLE [MINUTES]]      care_citizen, for an hour
//
// PORTAL_KEY is the key of gateway.mjs.

import { createHmac } from "node:crypto";

const [subject, role = "care_citizen", minutes = "60"] = process.argv.slice(2);
const key = process.env.PORTAL_KEY ?? "";
if (!subject || key.length < 32) {
    console.error("usage: PORTAL_KEY=... node token.mjs SUBJECT [ROLE [MINUTES]]");
    process.exit(1);
}
const now = Math.floor(Date.now() / 1000);
const claims = { sub: subject, role, aud: "care_api", iat: now, exp: now + 60 * Number(minutes) };
const text = [{ alg: "HS256", typ: "JWT" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
console.log(`${text}.${createHmac("sha256", key).update(text).digest("base64url")}`);
