// Opens an HTML report in headless Chromium, at 360 and 1600 px, in light and dark, and without scripts: no error, no
// request, nothing wider than the page; filters, search, links and diagrams work. Arguments: the report, and a folder for
// screenshots, if they are wanted. CHROMIUM names the browser.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  console.log(`SKIPPED: there is no ${executablePath}`);
  process.exit(0);
}
const [report, shots] = process.argv.slice(2);
const address = pathToFileURL(resolve(report)).href;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  page.on("console", (message) => assert.notEqual(message.type(), "error", message.text()));
  page.on("pageerror", (error) => assert.fail(error.message));
  page.on("request", (request) => assert.ok(request.url().startsWith(address), request.url()));
  await page.goto(address);
  return page;
}

const backgrounds = new Set();
const opened = [];
for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1600]) {
    const page = await open({ colorScheme, viewport: { width, height: 1000 } });
    const shot = async (name) => shots && page.screenshot({ path: `${shots}/${width}-${colorScheme}-${name}.png` });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, "nothing is cut off");
    backgrounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    opened.push(await page.evaluate(() => Math.round(performance.getEntriesByType("navigation")[0].loadEventEnd)));
    await shot("top");

    for (const verdict of ["pass", "fail", "skip"]) {
      const box = await page.locator(`#cases summary > .verdict.${verdict}`).first().boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= width, `the word ${verdict} can be read`);
    }
    assert.ok(await page.locator("nav").evaluate((nav) => nav.clientHeight) < 50, "the links stand on one line");

    const all = await page.locator(".case").count();
    await page.fill("#search", "ping");
    const found = await page.locator(".case:not([hidden])").count();
    assert.ok(found > 0 && found < all, "search narrows");
    assert.equal(await page.textContent("#found"), `${found} of ${all} cases`);
    await page.fill("#search", "");
    await page.uncheck("input[value=pass]");
    assert.equal(await page.locator(".case[data-verdict=pass]:not([hidden])").count(), 0, "filters hide");

    const failure = page.locator(".case[data-verdict=fail]").first();
    await failure.locator("summary").focus();
    await page.keyboard.press("Enter");
    assert.ok(await failure.evaluate((one) => one.open), "the keyboard opens a case");
    const drawing = await failure.locator("svg.seq").first().boundingBox();
    assert.ok(drawing.width > 300 && drawing.height > 60, "the exchange is drawn");
    await failure.evaluate((one) => one.scrollIntoView());
    await shot("case");

    const requirement = await failure.locator("a[href^='#']").first().getAttribute("href");
    await failure.locator("a[href^='#']").first().click();
    await page.waitForFunction((id) => document.getElementById(id).open, requirement.slice(1));
    await shot("requirement");
    await page.context().close();
  }
}
assert.equal(backgrounds.size, 2, "light and dark differ");

const page = await open({ javaScriptEnabled: false });
assert.ok(!(await page.locator("#filters").isVisible()), "without scripts nothing is offered that does not work");
await page.locator(".case summary").first().click();
assert.ok(await page.locator(".case .body").first().isVisible(), "without scripts a case opens");
await browser.close();
console.log(`the HTML report works in Chromium; it opened in ${Math.min(...opened)} to ${Math.max(...opened)} ms`);
