// gateway.mjs: PostGraphile over schema care_api, and the page beside it, on loopback.
//
//   node gateway.mjs [PORT]      8080, or another; 0: one that is free
//
// PORTAL_KEY is the key that tokens are signed with, 32 characters or more.  The database is found as psql finds it
// (PGHOST, PGDATABASE, PGUSER ...); PGUSER is a login that may be the roles of care_api and is nothing itself.
//
// An example for suppliers: a real one speaks https, and takes its tokens from an identity provider.
//
// Must not know: what anybody may see.  The database says that, from the claims of the token.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import postgraphile from "postgraphile";
import plugins from "postgraphile/plugins.js";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const key = process.env.PORTAL_KEY ?? "";
if (key.length < 32) {
    console.error("gateway: PORTAL_KEY must have 32 characters or more");
    process.exit(1);
}

// no file that is fetched, no script but the page's own; the letter is shown in a frame without scripts
const page = readFileSync(file("index.html"));
const script = createHash("sha256").update(String(page).match(/<script>(.*?)<\/script>/s)[1]).digest("base64");
const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": `default-src 'none'; script-src 'sha256-${script}'; style-src 'unsafe-inline'; `
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
};

const graphql = postgraphile.postgraphile({}, "care_api", {
    // the signature, the audience and the end of a token are looked at here; all claims go to the database
    jwtSecret: key,
    jwtVerifyOptions: { algorithms: ["HS256"], audience: "care_api" },
    pgDefaultRole: "care_anonymous",
    // what an extension owns is left out otherwise
    includeExtensionResources: true,
    appendPlugins: [plugins.makePgSmartTagsFromFilePlugin(file("care_api.tags.json5"))],
    // only what a role of care_api may use
    ignoreRBAC: false,
    disableDefaultMutations: true,
    simpleCollections: "only",
    setofFunctionsContainNulls: false,
    dynamicJson: true,
    // the database itself says what is too long
    bodySizeLimit: "4MB",
    extendedErrors: ["errcode", "hint", "constraint"],
    disableQueryLog: true,
});

// connections are kept longer than by who stands before it, so that nobody asks on one that is being closed
createServer({ keepAliveTimeout: 65000 }, (request, response) => {
    const path = request.url.split("?")[0];
    if (path === "/graphql") {
        response.setHeader("Cache-Control", "no-store");
        graphql(request, response);
    } else if (path === "/" && request.method === "GET") {
        response.writeHead(200, headers).end(page);
    } else {
        response.writeHead(404).end();
    }
}).listen(Number(process.argv[2] ?? 8080), "127.0.0.1", function () {
    console.log(`gateway: http://127.0.0.1:${this.address().port}/`);
});
