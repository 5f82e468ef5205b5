// identities.mjs: who sees what through the gateway; and that it is what the same claims show without it, set as
// PostgREST sets them.
//
// Must not know: what anybody may change.

import { ask, is, ok, token } from "./tap.mjs";

const citizen = (sub) => ({ sub, role: "care_citizen" });
const staff = (sub, role, authority) => ({ sub, role, authority });

// Every list that the gateway offers, with all of its columns; and the views of care_api that they show.
async function lists(gateway) {
    const { data } = await ask(gateway, null, `{ __schema { queryType { fields { name type { ofType { ofType { kind } } } args { name } } }
        types { name kind description fields { name description type { kind ofType { kind } } } } } }`);
    const rows = new Map(data.__schema.types.map((type) => [type.name, type]));
    const plain = (field) => ["SCALAR", "ENUM"].includes(field.type.kind) || field.type.kind === "NON_NULL" && field.type.ofType.kind === "SCALAR";
    return { rows, plain, fields: data.__schema.queryType.fields };
}

// What is seen of a view by a role with claims, in a READ ONLY transaction, as PostgREST answers GET.
async function asPostgrest(database, role, claims, query, values = [], mode = "READ ONLY") {
    const client = await database.connect();
    try {
        await client.query(`BEGIN ${mode}`);
        await client.query("SELECT set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [role, JSON.stringify(claims)]);
        return (await client.query(query, values)).rows;
    } finally {
        await client.query("ROLLBACK");
        client.release();
    }
}

const VIEWS = {
    care_citizen: ["my_account", "my_statements", "my_statement_lines", "my_projection", "my_progress", "my_agreement",
        "my_delegates", "my_submissions", "my_channel", "who_looked"],
    care_web_worker: ["worker_account", "worker_submission"],
    care_web_analyst: ["analyst_account", "analyst_agreement"],
    care_web_auditor: ["auditor_log"],
};
const NAMED = { who_looked: "Look", auditor_log: "LoggedLook" };
// as PostGraphile names the type of a row, and the list of all
const typeOf = (view) => NAMED[view] ?? view.replace(/(^|_)(.)/g, (_, __, letter) => letter.toUpperCase()).replace(/([^s])s$/, "$1");
const listOf = (view) => `all${typeOf(view)}${view.endsWith("ss") ? "es" : "s"}List`;

export async function identities(gateway, database) {
    const { rows, plain, fields } = await lists(gateway);
    const views = Object.values(VIEWS).flat();
    const { rows: made } = await database.query("SELECT relname AS view FROM pg_class WHERE relnamespace = 'care_api'::regnamespace ORDER BY relname");
    is(views.slice().sort(), made.map((row) => row.view), "the views of care_api are those that this test knows");
    is(views.filter((view) => !fields.some((field) => field.name === listOf(view))), [], "every one of them is a list");
    is(views.filter((view) => !rows.get(typeOf(view)).fields.some((field) => field.name === "nodeId")), [], "and has a key");
    const { rows: called } = await database.query(`SELECT proname AS name, proretset AS "set", provolatile = 'v' AS writes FROM pg_proc
        WHERE pronamespace = 'care_api'::regnamespace ORDER BY proname`);
    const offered = (kind) => rows.get(kind).fields.map((field) => field.name);
    const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    is(called.filter(({ name, set, writes }) => !offered(writes ? "Mutation" : "Query").includes(camel(name) + (set ? "List" : ""))).map((row) => row.name),
        ["claim", "claims"], "every function is a query or, if it writes, a mutation, but for those that are the database's own");
    const all = (view) => `{ rows: ${listOf(view)} { ${rows.get(typeOf(view)).fields.filter(plain).map((field) => field.name).join(" ")} } }`;
    const seen = async (claims, view) => {
        const answer = await ask(gateway, token(claims), all(view));
        return { ...answer, count: answer.data?.rows?.length ?? null };
    };

    // comments of the schema are the descriptions of the gateway
    const undescribed = views.flatMap((view) => [rows.get(typeOf(view)), ...rows.get(typeOf(view)).fields.filter(plain)
        .filter((field) => field.name !== "nodeId")].filter((described) => !described.description).map((described) => `${view}: ${described.name}`));
    is(undescribed, [], "each of them and each column has a description");
    is([...rows.keys()].filter((name) => /Secret|IssuedStatement|Chain|Budget/.test(name)), [], "nothing but care_api is offered");

    // each identity: rows of each view, through the gateway and as PostgREST asks, are the same number
    const people = { "citizen A": citizen("subject-a"), "citizen B": citizen("subject-b"), "a delegate in the term": citizen("carer-today"),
        "a delegate before the term": citizen("carer-to-come"), "a delegate after the term": citizen("carer-before"),
        "somebody unknown": citizen("nobody"), "a worker": staff("worker-1", "care_web_worker", "E10000016"),
        "a worker of another authority": staff("worker-2", "care_web_worker", "E10000028"),
        "a worker of no authority": { sub: "worker-3", role: "care_web_worker" },
        "an analyst": staff("analyst", "care_web_analyst", "E10000016"), "an auditor": staff("auditor", "care_web_auditor", "E10000016") };
    const may = { "citizen A": "A", "citizen B": "B", "a delegate in the term": "A", "a worker": "AB", "a worker of another authority": "C",
        "an auditor": "AB" };
    const expected = { "citizen A": { my_account: 1, my_statements: 3, my_agreement: 1, my_delegates: 3 },
        "citizen B": { my_account: 1, my_statements: 2, my_agreement: 0, my_delegates: 0 },
        "a delegate in the term": { my_account: 1, my_statements: 0, my_agreement: 0, my_delegates: 0 },
        "a delegate before the term": { my_account: 0, my_statements: 0, my_agreement: 0, my_progress: 0 },
        "a delegate after the term": { my_account: 0, my_statements: 0, my_agreement: 0, my_progress: 0 },
        "somebody unknown": { my_account: 0, my_statements: 0, who_looked: 0, my_channel: 0 },
        "a worker": { worker_account: 2 }, "a worker of another authority": { worker_account: 1 }, "a worker of no authority": { worker_account: 0 } };
    for (const [who, claims] of Object.entries(people)) {
        const counts = {};
        const wrong = [];
        let text = "";
        for (const [role, its] of Object.entries(VIEWS)) {
            for (const view of its) {
                const answer = await seen(claims, view);
                text += answer.text;
                counts[view] = answer.count;
                if (role !== claims.role && answer.state !== "42501") wrong.push({ view, answer: answer.text });
                if (role !== claims.role) continue;
                const [{ count }] = await asPostgrest(database, claims.role, claims, `SELECT count(*)::integer AS count FROM care_api.${view}`);
                if (count !== answer.count) wrong.push({ view, count, answer: answer.text });
            }
        }
        is(wrong, [], `${who}: the views of the role and no other, the same rows as without the gateway`);
        if (expected[who]) is(Object.fromEntries(Object.keys(expected[who]).map((view) => [view, counts[view]])), expected[who], `${who}: so many rows`);
        const marks = [...new Set(text.match(/MARK-[ABC]/g))].map((mark) => mark.slice(-1)).sort().join("");
        ok([...marks].every((mark) => (may[who] ?? "").includes(mark)), `${who}: no mark of others`, marks);
    }

    // tokens
    const me = all("my_account");
    const refused = async (bearer) => {
        const { status, data, text } = await ask(gateway, bearer, me);
        return { status, rows: data?.rows ?? null, mark: /MARK/.test(text) };
    };
    const never = { status: 403, rows: null, mark: false };
    const a = citizen("subject-a");
    is(await refused(token(a, { seconds: -1 })), { ...never, status: 401 }, "a token that has run out");
    is(await refused(token(a, { key: "another key, of thirty-two characters or more" })), never, "a token signed with another key");
    is(await refused(token(a, { alg: "none" })), never, "a token that is not signed");
    is(await refused(token({ ...a, aud: "another" })), never, "a token for another audience");
    const [head, body, sign] = token(a).split(".");
    const other = Buffer.from(String(Buffer.from(body, "base64url")).replace("subject-a", "subject-b")).toString("base64url");
    is(await refused([head, other, sign].join(".")), never, "a token in which the subject was changed");
    const nobody = await ask(gateway, null, me);
    is([nobody.state, nobody.data?.rows ?? null], ["42501", null], "no token: no privilege");
    for (const role of ["postgres", "gateway", "care_writer", "care_gateway", "none"]) {
        const answer = await ask(gateway, token({ sub: "subject-a", role }), me);
        ok(answer.errors && !answer.data?.rows && !/MARK/.test(answer.text), `a token of the role ${role}: refused`, answer.text);
    }
    const unnamed = await ask(gateway, token({ role: "care_citizen" }), me);
    is(unnamed.data, { rows: [] }, "a token without a subject: no rows");

    // what is somebody else's and what is nobody's
    const letter = "query ($key: UUID!) { myLetter(statement: $key) }";
    const [{ statement }] = (await seen(citizen("subject-b"), "my_statements")).data.rows;
    const letters = await Promise.all([statement, "00000000-0000-4000-8000-000000000000"].map((key) => ask(gateway, token(a), letter, { key })));
    is(letters.map((l) => l.state), ["P0002", "P0002"], "a letter of another, and of none: no such statement");
    is(letters[0].text.replaceAll(statement, "KEY"), letters[1].text.replaceAll("00000000-0000-4000-8000-000000000000", "KEY"), "in the same words");
    ok((await ask(gateway, token(citizen("subject-b")), letter, { key: statement })).data?.myLetter?.startsWith("<!DOCTYPE html>"), "to B it is a letter");
    const [{ account }] = (await seen(citizen("subject-b"), "my_account")).data.rows;
    is((await ask(gateway, token(a), "query ($key: UUID!) { myAccountByAccount(account: $key) { reference } }", { key: account })).data,
        { myAccountByAccount: null }, "the account of another by its key: null");

    // keys and relations of the smart tags
    const deep = await ask(gateway, token(a), `{ allMyAccountsList { reference progress { day } projections { days: daysLeft }
        statements { asAt lines { line amount ofStatement { asAt ofAccount { reference } } } } } }`);
    ok(deep.data?.allMyAccountsList?.[0]?.statements?.length === 2
        && deep.data.allMyAccountsList[0].statements.every((s) => s.lines.length > 0 && s.lines[0].ofStatement.ofAccount.reference === "MARK-A-account")
        && deep.data.allMyAccountsList[0].progress.length > 12, "from an account to its statements, lines and back", deep.text);
    const filtered = await ask(gateway, token(a), `{ allMyStatementLinesList(condition: { line: 1 }, orderBy: AMOUNT_DESC, first: 1) { amount } }`);
    is(filtered.data?.allMyStatementLinesList?.length, 1, "conditions, order and limits");

    // GET of PostgREST writes nothing
    for (const [what, call] of Object.entries({ submit: "SELECT care_api.submit('needs', '{\"schema\": \"care_account/needs\", \"version\": \"1.0\"}')",
        agree_channel: "SELECT care_api.agree_channel('email')" })) {
        const state = await asPostgrest(database, "care_citizen", a, call).then(() => "written", (error) => error.code);
        is(state, "25006", `${what} in a READ ONLY transaction`);
    }
    is((await asPostgrest(database, "care_citizen", {}, "SELECT * FROM care_api.my_account")).length, 0, "no claims: no rows");

    // one pool of connections, many people at once: nobody sees what the connection showed before
    const turns = Array.from({ length: 120 }, (_, i) => ["subject-a", "subject-b", "nobody"][i % 3]);
    const answers = await Promise.all(turns.map((sub) => ask(gateway, token(citizen(sub)), me)));
    is(answers.filter((answer, i) => [...new Set(answer.text.match(/MARK-./g))].join() !== { "subject-a": "MARK-A", "subject-b": "MARK-B", nobody: "" }[turns[i]]).length,
        0, "120 requests at once, of three people: each sees their own");
}
