import { ConsoleLogger, Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsOptions } from '../support/options-token.js';
import { SCRIPTED_ID } from '../testing-support/scripted-ats.js';
import { SignInScene } from '../testing-support/sign-in-scene.js';
import { OAuthCallbackController } from './oauth-callback.controller.js';

const BROWSER = 'b'.repeat(43);

class KeptLines extends ConsoleLogger {
  readonly lines: string[] = [];

  override warn(message: unknown, ...rest: unknown[]): void {
    this.lines.push(['warn', message, ...rest].join(' '));
  }

  override error(message: unknown, ...rest: unknown[]): void {
    this.lines.push(['error', message, ...rest].join(' '));
  }
}

describe('where a sign-in ends', () => {
  let scene: SignInScene;
  let log: KeptLines;

  beforeAll(async () => {
    scene = await SignInScene.start();
  });
  afterAll(() => scene.stop());
  beforeEach(() => {
    scene.reset();
    scene.person = { ...scene.person, browser: BROWSER };
    log = new KeptLines();
    Logger.overrideLogger(log);
  });
  afterEach(() => {
    Logger.overrideLogger(false);
  });

  const bring = async (query: Readonly<Record<string, string>>): Promise<URL> => {
    const { ats, person } = scene;
    const options = ats.get<AtsIntegrationOptions>(AtsOptions);
    const controller = new OAuthCallbackController(scene.flow, ats.get(ProviderRegistry), options);
    const request = { headers: { cookie: `__Host-ats-sign-in=${BROWSER}` }, originalUrl: '' };
    const { url } = await controller.callback(person, SCRIPTED_ID, request, query);
    return new URL(url);
  };

  it('is the settings page even after an error that nobody foresaw (a person saw a page of JSON), which is logged by its name alone', async () => {
    const { state, connectionId } = await scene.begin();
    const { ledger } = scene.ats;
    ledger.commit = () => Promise.reject(new RangeError('canary: the ledger of ann@acme.example'));
    let end: URL;
    try {
      end = await bring({ state, code: 'canary-code' });
    } finally {
      Reflect.deleteProperty(ledger, 'commit');
    }
    expect(end.origin + end.pathname).toBe('https://app.elly.example/settings/integrations');
    expect(end.searchParams.get('error')).toBe('unexpected');
    expect(end.href).not.toMatch(/canary|ann|Range/);
    expect(log.lines).toEqual([expect.stringMatching(/^error .*Scripted|^error .*scripted.*RangeError/)]);
    expect(log.lines.join()).not.toMatch(/canary|ann@/);
    expect(await scene.statusOf(connectionId)).toBe('disconnected');
  });

  it('tells the page which connection an error is about', async () => {
    scene.script.profile = { ...scene.script.profile, accountId: 'acme' };
    const id = await scene.connect();
    const { state } = await scene.begin();
    const end = await bring({ state, code: 'c' });
    expect(Object.fromEntries(end.searchParams)).toEqual({
      error: 'already-connected',
      message: expect.stringContaining('connected to this workspace already'),
      connectionId: id,
    });
  });

  it('names the connection that is active now', async () => {
    const { state, connectionId } = await scene.begin();
    expect((await bring({ state, code: 'c' })).search).toBe(`?connection=${connectionId}`);
  });
});
