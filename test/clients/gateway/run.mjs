// run.mjs: schema care_api through a real gateway, PostGraphile, with signed tokens over HTTP; and the page of
// doc/portal in a browser.
//
//   node run.mjs      in a folder with the portal in portal/, what npm installs of both, and PGHOST, PGPORT and
//                     PGDATABASE of a database of cases.sql; prints TAP
//
// Must not know: how the database decides who sees what.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { KEY, done, ok } from "./tap.mjs";
import { identities } from "./identities.mjs";
import { changes } from "./changes.mjs";
import { page } from "./page.mjs";

const pg = createRequire(new URL("portal/", import.meta.url))("pg");
const server = spawn(process.execPath, ["portal/gateway.mjs", "0"], {
    env: { ...process.env, PGUSER: "gateway", PORTAL_KEY: KEY },
    stdio: ["ignore", "pipe", "inherit"],
});
const database = new pg.Pool({ user: "gateway", max: 2 });
const owner = new pg.Pool({ max: 2 });
try {
    const [line] = await Promise.race([
        once(createInterface(server.stdout), "line"),
        once(server, "exit").then(() => { throw new Error("the gateway ended"); }),
    ]);
    const gateway = line.match(/http:\S+/)[0];
    await identities(gateway, database);
    await changes(gateway, owner);
    await page(gateway);
} catch (error) {
    ok(false, "the tests end", `${error.stack} ${error.cause ?? ""}`);
} finally {
    server.kill();
    await Promise.all([database.end(), owner.end()]);
    done();
}
