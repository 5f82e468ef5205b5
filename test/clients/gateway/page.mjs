// page.mjs: the page of doc/portal in Chromium, as a person uses it; an engine for accessibility finds nothing wrong.
//
// Must not know: how the page is made.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import playwright from "playwright-core";
import { is, ok, token } from "./tap.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function page(gateway) {
    const browser = await playwright.chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run"],
    });
    try {
        const tab = await (await browser.newContext({ viewport: { width: 900, height: 900 } })).newPage();
        const went = [];
        const wrong = [];
        tab.on("request", (request) => went.push(request.url()));
        tab.on("pageerror", (error) => wrong.push(String(error)));
        tab.on("console", (message) => { if (message.type() === "error" && !/401/.test(message.text())) wrong.push(message.text()); });
        tab.setDefaultTimeout(60000);
        const accessible = async (where) => {
            if (!await tab.evaluate("typeof axe === 'object'")) await tab.evaluate(axe);
            const found = await tab.evaluate("axe.run(document, { resultTypes: ['violations'] })");
            is(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join("; ")}`), [], `${where}: accessible`);
            ok(found.passes.length > 5, `${where}: the engine looked`);
        };
        const told = (text) => tab.getByRole("status").filter({ hasText: text }).waitFor().then(() => true, () => false);
        const signIn = async (bearer) => {
            await tab.getByLabel("Test token").fill(bearer);
            await tab.getByRole("button", { name: "Sign in" }).click();
        };
        const picture = async (name) => { if (process.env.PICTURES) await tab.screenshot({ path: `${process.env.PICTURES}/${name}.png`, fullPage: true }); };

        await tab.goto(gateway);
        await accessible("signed out");
        await signIn(token({ sub: "subject-a", role: "care_citizen" }, { seconds: -1 }));
        ok(await told("does not hold"), "a token that has run out: the page says so");
        ok(await tab.getByLabel("Test token").isVisible(), "and asks for another");
        await accessible("refused");

        await signIn(token({ sub: "subject-a", role: "care_citizen" }));
        ok(await told("You are signed in"), "signed in");
        ok(await tab.getByRole("heading", { name: /MARK-A-account/ }).isVisible(), "the account is shown");
        const figures = await tab.locator("dd").allTextContents();
        ok(figures.length === 6 && figures.slice(1, 5).every((figure) => /^£\d{1,3}(,\d{3})*\.\d\d$/.test(figure)), "its figures are amounts", figures);
        ok(await tab.getByRole("img", { name: "The way to the cap" }).isVisible(), "the chart is shown");
        const lines = await tab.locator("svg path").evaluateAll((paths) => paths.map((path) => path.getAttribute("d")));
        ok(lines.length === 3 && lines.every((line) => /^M[\d.]+ [\d.]+(L[\d.]+ [\d.]+)+$/.test(line)), "it has three lines", lines);
        is(await tab.getByRole("button", { name: /^Show the letter/ }).count(), 2, "the statements of the account are listed");
        await accessible("signed in");
        await picture("account");

        await tab.getByRole("button", { name: "Show the letter of 1 October 2025" }).click();
        const letter = tab.frameLocator("iframe");
        await letter.getByText("Page layout 1").waitFor();
        ok(await letter.getByText("MARK-A-account").first().isVisible(), "the letter is shown, in a frame");
        is(await tab.evaluate("document.activeElement.id"), "letter-heading", "and the reader is taken to it");
        await accessible("with a letter");
        await picture("letter");

        await tab.getByLabel("What it is about").selectOption({ label: "What I need" });
        await tab.getByLabel("What has changed").fill("I moved <b>house</b> & need more help");
        await tab.getByRole("button", { name: "Send" }).click();
        ok(await told("We have received it"), "a change is sent");
        const row = tab.getByRole("row").filter({ hasText: "needs" }).filter({ hasText: "waiting" }).first();
        ok(await row.isVisible(), "and waits");
        await row.getByRole("button", { name: /^Take back/ }).click();
        ok(await told("You have taken it back"), "and can be taken back");
        await accessible("after a change");
        ok(await tab.getByRole("cell", { name: "a call about the budget" }).isVisible(), "who looked is shown, and why");
        await picture("change");

        await tab.setViewportSize({ width: 320, height: 640 });
        is(await tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0, "nothing is cut on a narrow screen");
        await picture("narrow");
        await tab.getByRole("button", { name: "Sign out" }).click();
        ok(!/MARK/.test(await tab.content()), "signed out: nothing of the account is left");

        await signIn(token({ sub: "subject-b", role: "care_citizen" }));
        ok(await told("You are signed in"), "another signs in");
        const content = await tab.content();
        ok(/MARK-B/.test(content) && !/MARK-[AC]/.test(content), "and sees their own");
        is(went.filter((url) => !url.startsWith(gateway) && !url.startsWith("about:")), [], "nothing was fetched from elsewhere");
        is(wrong, [], "no error in the page");

        // an engine that finds nothing is of no use: it finds what is planted
        await tab.evaluate("document.body.append(Object.assign(document.createElement('p'), { textContent: 'faint', style: 'color: #ccc; background: #fff' }), document.createElement('button'))");
        const planted = (await tab.evaluate("axe.run()")).violations.map((v) => v.id);
        ok(planted.includes("color-contrast") && planted.includes("button-name"), "what is planted is found", planted);
    } finally {
        await browser.close();
    }
}
