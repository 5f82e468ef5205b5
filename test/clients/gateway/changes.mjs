// changes.mjs: what people and staff do through the gateway: send in and decide, let somebody act, agree to a channel,
// open a record; and what is refused, with nothing written.
//
// Must not know: the page.

import { ask, is, ok, token } from "./tap.mjs";

const NEEDS = { schema: "care_account/needs", version: "1.0" };
const NOBODY = "00000000-0000-4000-8000-000000000000";
const SUBMIT = "mutation ($kind: String!, $content: JSON!, $person: UUID) { done: submit(input: { kind: $kind, content: $content, person: $person }) { uuid } }";
const DECIDE = "mutation ($key: UUID!, $decision: String, $reason: String) { done: acceptSubmission(input: { submission: $key, decision: $decision, reason: $reason }) { uuid } }";
const WITHDRAW = "mutation ($key: UUID!) { done: withdraw(input: { submission: $key }) { uuid } }";
const GRANT = "mutation ($to: String!, $scopes: [String]!, $from: Date) { done: grantDelegate(input: { delegate: $to, capacity: \"carer\", scopes: $scopes, fromDay: $from }) { uuid } }";
const REVOKE = "mutation ($key: UUID!) { done: revokeDelegate(input: { delegation: $key }) { uuid } }";
const OPEN = "mutation ($who: String!, $purpose: String!, $reason: String!) { done: openRecord(input: { personReference: $who, purpose: $purpose, reason: $reason }) { uuid } }";
const READ = "query ($key: UUID!) { rows: readRecordList(opened: $key) { record fact } }";

export async function changes(gateway, owner) {
    const by = (claims) => async (query, variables) => {
        const answer = await ask(gateway, token(claims), query, variables);
        return { ...answer, key: answer.data?.done?.uuid, rows: answer.data?.rows };
    };
    const person = (sub) => by({ sub, role: "care_citizen" });
    const a = person("subject-a");
    const b = person("subject-b");
    const worker = by({ sub: "worker-1", role: "care_web_worker", authority: "E10000016" });
    const stranger = by({ sub: "worker-2", role: "care_web_worker", authority: "E10000028" });
    const sent = async (who = a) => (await who("{ rows: allMySubmissionsList(orderBy: SENT_AT_ASC) { submission kind state reason capacity } }")).rows;
    const count = async (table) => Number((await owner.query(`SELECT count(*) FROM care.${table}`)).rows[0].count);

    // what is sent in waits
    const account = "{ rows: allMyAccountsList { accrued remaining weeklyRate } }";
    const before = (await a(account)).rows;
    const first = await a(SUBMIT, { kind: "needs", content: { ...NEEDS, needs_began_on: "2023-09-01", says: "I need more help" } });
    ok(first.key, "a person sends something in", first.text);
    is((await sent()).map((s) => s.state), ["waiting"], "it waits");
    is((await a(account)).rows, before, "and changes nothing");
    is((await sent(b)).length, 0, "another sees none of it");
    is((await worker("{ rows: allWorkerSubmissionsList { submission state } }")).rows, [{ submission: first.key, state: "waiting" }], "a worker of the authority sees that it waits");
    is((await stranger("{ rows: allWorkerSubmissionsList { submission } }")).rows, [], "a worker of another authority does not");

    // who may decide
    const [theirs, none] = await Promise.all([first.key, NOBODY].map((key) => stranger(DECIDE, { key })));
    is([theirs.state, none.state, theirs.text.replaceAll(first.key, "KEY")], ["P0002", "P0002", none.text.replaceAll(NOBODY, "KEY")],
        "a worker of another authority decides it: answered like one that is not there");
    is((await a(DECIDE, { key: first.key })).state, "42501", "the person decides it: no privilege");
    is((await worker(DECIDE, { key: first.key, decision: "refused" })).state, "22004", "refused without a reason");
    is((await b(WITHDRAW, { key: first.key })).state, "P0002", "another takes it back: not there");
    is(await count("submission_decision"), 0, "nothing was decided by all that");
    ok((await worker(DECIDE, { key: first.key })).key, "a worker of the authority accepts it");
    const { rows: [fact] } = await owner.query("SELECT d.recorded_by, s.recorded_by AS decided_by, s.facts FROM care.person_detail AS d, care.submission_decision AS s WHERE s.facts @> jsonb_build_array(jsonb_build_object('key', d.detail_id))");
    is([fact?.recorded_by, fact?.decided_by], ["gateway/worker-1", "gateway/worker-1"], "a fact is made, and the worker recorded it");
    is((await sent()).map((s) => s.state), ["accepted"], "the person sees it");
    is((await a(WITHDRAW, { key: first.key })).state, "55000", "it is taken back no longer");
    const second = await a(SUBMIT, { kind: "means", content: { schema: "care_account/means", version: "1.0", says: "savings" } });
    ok((await a(WITHDRAW, { key: second.key })).key, "what waits is taken back");

    // what cannot be sent in
    const were = await count("submission");
    const kept = async (title, state, kind, content, who = a, more = {}) => {
        const answer = await who(SUBMIT, { kind, content, ...more });
        is([answer.state, answer.key, await count("submission")], [state, undefined, were], `${title}: refused, nothing written`);
    };
    await kept("an unknown kind", "22023", "wishes", NEEDS);
    await kept("an unknown version", "22023", "needs", { ...NEEDS, version: "9.0" });
    await kept("no schema", "22023", "needs", { says: "x" });
    await kept("no object", "22023", "needs", ["x"]);
    await kept("a character that is none", "22P05", "needs", { ...NEEDS, says: "a\u0000b" });
    await kept("for a person who is not theirs", "P0002", "needs", NEEDS, a, { person: NOBODY });
    await kept("a delegate after the term", "P0002", "needs", NEEDS, person("carer-before"), { person: before && NOBODY });
    await kept("an analyst", "42501", "needs", NEEDS, by({ sub: "x", role: "care_web_analyst", authority: "E10000016" }));
    // as jsonb is written, with a blank after each colon and comma
    const bytes = 1048576 - JSON.stringify({ ...NEEDS, says: "" }).length - 5;
    await kept("a byte more than a mebibyte", "22023", "needs", { ...NEEDS, says: "x".repeat(bytes + 1) });
    ok((await a(SUBMIT, { kind: "needs", content: { ...NEEDS, says: "x".repeat(bytes) } })).key, "a mebibyte: accepted");

    // delegates
    const whose = (await person("carer-today")("{ rows: allMyAccountsList { person } }")).rows[0].person;
    ok((await person("carer-today")(SUBMIT, { kind: "needs", content: NEEDS, person: whose })).key, "a delegate in the term sends in for the person");
    is((await person("carer-before")(SUBMIT, { kind: "needs", content: NEEDS, person: whose })).state, "P0002", "one after the term does not");
    is((await person("carer-to-come")(SUBMIT, { kind: "needs", content: NEEDS, person: whose })).state, "P0002", "nor one before");
    is((await sent()).at(-1).capacity, "carer", "the person sees who sent it");
    const statements = "{ rows: allMyStatementsList { reference } }";
    const granted = await a(GRANT, { to: "new-carer", scopes: ["statements"] });
    is([(await person("new-carer")(statements)).rows.length, (await person("new-carer")(account)).rows.length], [3, 0],
        "whom the person lets act sees what the scope says, at once");
    is((await b(REVOKE, { key: granted.key })).state, "P0002", "another cannot end it");
    ok((await a(REVOKE, { key: granted.key })).key, "the person can");
    is((await person("new-carer")(statements)).rows.length, 0, "and nothing is seen from then on");
    is((await person("carer-today")(GRANT, { to: "a-friend", scopes: ["account"] })).state, "P0002", "a delegate lets nobody act");
    is((await a(GRANT, { to: "new-carer", scopes: ["everything"] })).state, "22023", "an unknown scope");
    is((await a(GRANT, { to: "subject-a", scopes: ["account"] })).state, "22023", "nobody is their own delegate");

    // the channel
    const channel = "{ rows: allMyChannelsList { channel } }";
    is((await a(channel)).rows, [{ channel: "post" }], "statements come by post");
    ok((await a("mutation { agreeChannel(input: { channel: \"email\" }) { string } }")).data?.agreeChannel, "until the person agrees to another way");
    is((await a(channel)).rows, [{ channel: "email" }], "and then by that");

    // a record is opened for a reason, and the person sees that
    is((await worker(READ, { key: NOBODY })).state, "55000", "a record that was not opened is not read");
    const opening = { who: "MARK-A-person", purpose: "direct_care", reason: "a call about the budget" };
    is((await stranger(OPEN, opening)).state, "P0002", "a worker of another authority cannot open it");
    const opened = await worker(OPEN, opening);
    const facts = await worker(READ, { key: opened.key });
    ok(facts.rows?.length > 3 && facts.text.includes("MARK-A") && !/MARK-[BC]/.test(facts.text), "opened, then read: every fact of the person and nobody else's", facts.text);
    is((await stranger(READ, { key: opened.key })).state, "55000", "the key opens nothing for another");
    const looks = (await a("{ rows: allLooksList { role purpose reason byWhom } }")).rows;
    ok(looks.length === 1 && looks[0].reason === opening.reason && looks[0].purpose === "direct_care" && looks[0].byWhom === null,
        "the person sees that somebody looked, and why, but no name", looks);
    is((await b("{ rows: allLooksList { reason } }")).rows, [], "another does not");
    const auditor = by({ sub: "auditor", role: "care_web_auditor", authority: "E10000016" });
    is((await auditor("{ rows: allLoggedLooksList { reason recordedBy } }")).rows, [{ reason: opening.reason, recordedBy: "gateway/worker-1" }], "an auditor sees by whom");

    // what everybody did is recorded by whom their token names, and every record is still whole
    is((await owner.query("SELECT DISTINCT recorded_by FROM care.submission ORDER BY 1")).rows.map((r) => r.recorded_by), ["gateway/carer-today", "gateway/subject-a"], "each submission says who sent it");
    is((await owner.query("SELECT * FROM care.verify()")).rows, [], "what is derived follows from the facts");
    is((await owner.query("SELECT * FROM care.verify_chain()")).rows, [], "the chains hold");
}
