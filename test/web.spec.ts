import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { TroubledElly } from './bad-input/troubled-elly.js';
import { CHROMIUM, launch, violations } from './web/browser.js';

const WEB = resolve(import.meta.dirname, '../apps/elly/web/dist');
const INITIAL_SCRIPT_KB = 250;
/** Names a folder: what the tests see is put there as pictures, light and dark, wide and narrow. */
const PICTURES = process.env.WEB_PICTURES;

describe('the built front end', () => {
  it(`loads at most ${INITIAL_SCRIPT_KB} kB of scripts, gzipped, for its first page`, async () => {
    const page = await readFile(join(WEB, 'index.html'), 'utf8');
    const scripts = [...page.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, address = '']) => join(WEB, address));
    const sizes = await Promise.all(scripts.map(async (script) => gzipSync(await readFile(script)).length));
    expect(scripts.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size) / 1024).toBeLessThan(INITIAL_SCRIPT_KB);
  });

  it('holds nothing from another address', async () => {
    const page = await readFile(join(WEB, 'index.html'), 'utf8');
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect((await readdir(join(WEB, 'assets'))).length).toBeGreaterThan(2);
  });
});

const title =
  CHROMIUM === undefined ? 'in a browser (left out: no Chromium here; set CHROMIUM to one)' : 'in a browser';
if (CHROMIUM === undefined && process.env.CI === 'true')
  throw new Error('No Chromium here: install it, or set CHROMIUM.');

(CHROMIUM === undefined ? describe.skip : describe)(title, () => {
  let elly: TroubledElly;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const refused: string[] = [];
  /** Gathered on the way: one rule that is broken does not hide what comes after. */
  const broken: string[] = [];

  beforeAll(async () => {
    elly = await TroubledElly.start();
    elly.account('lever', 60);
    elly.account('greenhouse', 30);
    browser = await launch();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(8_000);
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) refused.push(message.text());
    });
    page.on('pageerror', (error) => refused.push(error.message));
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await elly?.stop();
  });

  const heading = (name: string | RegExp, level = 1) => page.getByRole('heading', { name, level }).waitFor();
  const open = (path: string) => page.goto(`${elly.publicUrl}${path}`);

  /** Holds what is on the screen against the rules of accessibility, in dark and in light, and takes pictures of it if they are wanted. */
  async function look(name: string): Promise<void> {
    for (const scheme of ['dark', 'light'] as const) {
      await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${scheme}')`);
      await page.waitForTimeout(250);
      broken.push(...(await violations(page)).map((rule) => `${name}, ${scheme}: ${rule}`));
      if (PICTURES === undefined) continue;
      await mkdir(PICTURES, { recursive: true });
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await page.waitForTimeout(200);
        await page.screenshot({ path: join(PICTURES, `${name}-${scheme}-${width}.png`), fullPage: true });
      }
    }
  }

  it('asks who it is, and comes back to the page that was wanted', async () => {
    await open('/settings/billing');
    await heading('Sign in to Elly');
    await look('sign-in');
    await page.getByLabel('Somebody else').fill('nobody@acme.example');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Elly knows no user with this e-mail address or id.').waitFor();
    await page.getByRole('button', { name: /^Ada/ }).click();
    await heading('Plan and credits');
  });

  it('switches the plan and shows the ledger', async () => {
    await page.getByRole('button', { name: 'Switch to Free' }).click();
    await page.getByRole('article', { name: 'Plan Free' }).getByText('Your plan').waitFor();
    await page.getByRole('link', { name: 'Integrations', exact: true }).click();
    await page.getByText('Free: 0 of 0 connections used').waitFor();
    expect(await page.getByRole('button', { name: /^Connect Lever/ }).isDisabled()).toBe(true);
    await look('integrations-blocked');
    await page.getByRole('link', { name: 'See the plans' }).first().click();
    await page.getByRole('button', { name: 'Switch to Starter' }).click();
    await page.getByRole('article', { name: 'Plan Starter' }).getByText('Your plan').waitFor();
    await page.getByText('Credits bought').waitFor();
    await look('billing');
  });

  it('finds an ATS in the catalogue, and says what it can do', async () => {
    await open('/settings/integrations');
    await heading('Integrations');
    await page.getByRole('searchbox').fill('lev');
    await page.getByText('1 of 2 found').waitFor();
    await page.getByRole('button', { name: 'What it can do' }).click();
    await page.getByText('⇄ both ways').first().waitFor();
    await look('integrations');
  });

  it('says why nothing was connected when the sign-in is refused', async () => {
    await page.getByRole('button', { name: /^Connect Lever/ }).click();
    await page.getByText('This costs 1 credit').waitFor();
    await look('connect');
    await page.getByRole('button', { name: 'Continue to Lever' }).click();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('alert').getByText('The ATS was not connected').waitFor();
    await look('refused');
    expect(await elly.connections()).toEqual([]);
  });

  it('connects Lever through its consent page and shows what came in', async () => {
    const credits = await elly.credits();
    await page.getByRole('button', { name: /^Connect Lever/ }).click();
    await page.getByRole('button', { name: 'Continue to Lever' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Lever is connected').waitFor();
    const [connection] = await elly.connections();
    if (connection === undefined) throw new Error('Nothing is connected.');
    await elly.lastRun(connection.id);
    const { records } = await elly.resumesSettled(connection.id);
    expect(records.candidates).toBeGreaterThan(0);
    for (const [name, count] of Object.entries({
      Candidates: records.candidates,
      Applications: records.applications,
    })) {
      await page
        .locator('.facts > div', { has: page.getByText(name, { exact: true }) })
        .getByText(String(count))
        .waitFor();
    }
    await look('connection');
    expect(await elly.credits()).toBe(credits - 1);
    await page.getByRole('link', { name: 'Integrations', exact: true }).click();
    await page.getByText('Starter: 1 of 1 connections used').waitFor();
    await look('integrations-connected');
  });

  it('confirms the suggested stage mapping without loading the page again', async () => {
    await page.getByRole('link', { name: 'Details of Lever' }).click();
    await page.getByRole('tab', { name: 'Stage mapping' }).click();
    await page.getByText(/suggested, not confirmed/).waitFor();
    await look('stages');
    await page.evaluate('window.kept = true');
    await page.getByRole('button', { name: 'Confirm all suggestions' }).click();
    await page.getByText(/^All \d+ stages confirmed\.$/).waitFor();
    const select = page.getByLabel(/^Stage in Elly for/).first();
    const before = await select.inputValue();
    await select.selectOption({
      index: before === (await select.locator('option').first().getAttribute('value')) ? 1 : 0,
    });
    await page.getByRole('button', { name: 'Save 1 change' }).click();
    await page.getByRole('button', { name: 'Save 1 change' }).waitFor({ state: 'detached' });
    expect(await select.inputValue()).not.toBe(before);
    expect(await page.evaluate('window.kept')).toBe(true);
  });

  it('answers why somebody is not here', async () => {
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByLabel(/^E-mail address, or id in Lever/).fill('nobody.at.all@example.com');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('Nobody with this e-mail address was imported from Lever.').waitFor();
    await look('why-not-here');
  });

  it.each(['Fields', 'Sync history', 'Moves', 'Webhooks'])('shows %s', async (tab) => {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tabpanel').getByRole('heading').first().waitFor();
    await page.waitForTimeout(500);
    await look(tab.toLowerCase().replace(' ', '-'));
  });

  it('re-syncs, and warns on every page when the plan no longer allows the connection', async () => {
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByRole('button', { name: 'Re-sync' }).click();
    await page.getByRole('tab', { name: 'Sync history' }).click();
    await page.getByText('Re-sync of everything').first().waitFor();
    await page.getByRole('link', { name: 'Plan and credits' }).first().click();
    await page.getByRole('button', { name: 'Switch to Free' }).click();
    await page.getByText(/1 connection will be suspended/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch to Free' }).click();
    await page
      .getByText(/suspended|beyond your plan/i)
      .first()
      .waitFor();
    await look('suspended');
    await page.getByRole('button', { name: 'Switch to Starter' }).click();
    await page.getByRole('article', { name: 'Plan Starter' }).getByText('Your plan').waitFor();
  });

  it('says what happens to the data before it disconnects', async () => {
    await page.getByRole('link', { name: 'Integrations', exact: true }).click();
    await page.getByRole('link', { name: 'Details of Lever' }).click();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('What was imported stays in Elly').waitFor();
    await look('disconnect');
    await page.getByRole('button', { name: 'Disconnect Lever' }).click();
    await page.getByText('Disconnected', { exact: true }).waitFor();
    await look('disconnected');
  });

  it('lets a recruiter look and not touch', async () => {
    await page.getByRole('button', { name: /account menu/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: /^Rae/ }).click();
    await heading('Integrations');
    await page.getByText('Only an admin of the workspace can connect an ATS.').first().waitFor();
    expect(await page.getByRole('button', { name: /^Connect Lever/ }).isDisabled()).toBe(true);
  });

  it('says that it is offline, and goes on when it is not', async () => {
    await context.setOffline(true);
    await page.getByText('You are offline').waitFor();
    await look('offline');
    await context.setOffline(false);
    await page.getByText('You are offline').waitFor({ state: 'detached' });
  });

  it('breaks no rule of accessibility on any page, in light and in dark', () => {
    expect(broken).toEqual([]);
  });

  it('ran under its content security policy without an error', () => {
    expect(refused).toEqual([]);
  });
});
