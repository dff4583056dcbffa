import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppConfig } from './app-config.js';

const KEY = `k1:${Buffer.alloc(32, 1).toString('base64')}`;

describe('AppConfig', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'elly-config-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('starts from an empty environment', async () => {
    const config = await AppConfig.from({ DATA_DIR: folder });
    expect(config).toMatchObject({
      mode: 'development',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      databaseUrl: undefined,
      redisUrl: undefined,
    });
    expect([config.greenhouse, config.lever]).toEqual([undefined, undefined]);
  });

  it('makes an encryption key once and finds it again', async () => {
    const first = await AppConfig.from({ DATA_DIR: folder });
    const second = await AppConfig.from({ DATA_DIR: folder });
    expect(second.encryptionKeys).toEqual(first.encryptionKeys);
    expect(Buffer.from(first.encryptionKeys[0]?.secret ?? '', 'base64')).toHaveLength(32);
  });

  it('refuses to start in production without encryption keys, and says how to make one', async () => {
    await expect(AppConfig.from({ DATA_DIR: folder, NODE_ENV: 'production' })).rejects.toThrow(
      'openssl rand -base64 32',
    );
    const old = `old:${Buffer.alloc(32, 2).toString('base64')}`;
    const production = { DATA_DIR: folder, NODE_ENV: 'production', PUBLIC_URL: 'https://elly.example' };
    const config = await AppConfig.from({ ...production, ENCRYPTION_KEYS: `${KEY}, ${old}` });
    expect(config.encryptionKeys.map(({ id }) => id)).toEqual(['k1', 'old']);
  });

  it('refuses to start in production without an https address', async () => {
    const production = { DATA_DIR: folder, NODE_ENV: 'production', ENCRYPTION_KEYS: KEY };
    await expect(AppConfig.from(production)).rejects.toThrow('Set PUBLIC_URL');
    await expect(AppConfig.from({ ...production, PUBLIC_URL: 'http://elly.example' })).rejects.toThrow(
      'Set PUBLIC_URL',
    );
  });

  it('names every variable that is wrong, and repeats no value', async () => {
    const wrong = AppConfig.from({
      DATA_DIR: folder,
      PORT: 'http',
      DATABASE_URL: 'mysql://root:hunter2@db',
      SYNC_INTERVAL_SECONDS: '1',
    });
    await expect(wrong).rejects.toThrow(
      /PORT: [\s\S]*DATABASE_URL: must start with postgres[\s\S]*SYNC_INTERVAL_SECONDS/,
    );
    await expect(wrong).rejects.not.toThrow('hunter2');
  });

  it('refuses a short encryption key without repeating it', async () => {
    await expect(AppConfig.from({ DATA_DIR: folder, ENCRYPTION_KEYS: 'k1:c2hvcnQ=' })).rejects.toThrow('32 bytes');
    await expect(AppConfig.from({ DATA_DIR: folder, ENCRYPTION_KEYS: 'k1:c2hvcnQ=' })).rejects.not.toThrow('c2hvcnQ');
  });

  it('offers a provider when its client is named, and insists on the secret', async () => {
    const env = { DATA_DIR: folder, LEVER_CLIENT_ID: 'id', LEVER_API_URL: 'http://localhost:4010/lever/' };
    await expect(AppConfig.from(env)).rejects.toThrow('Set LEVER_CLIENT_SECRET');
    const config = await AppConfig.from({ ...env, LEVER_CLIENT_SECRET: 's', LEVER_AUDIENCE: '' });
    expect(config.lever).toEqual({
      clientId: 'id',
      clientSecret: 's',
      apiUrl: 'http://localhost:4010/lever',
      features: ['stage-changes', 'field-changes', 'webhooks'],
    });
  });

  it('asks for what the client holds the scopes for', async () => {
    const lever = { DATA_DIR: folder, LEVER_CLIENT_ID: 'id', LEVER_CLIENT_SECRET: 's' };
    expect((await AppConfig.from({ ...lever, LEVER_FEATURES: 'webhooks, stage-changes' })).lever?.features).toEqual([
      'webhooks',
      'stage-changes',
    ]);
    expect((await AppConfig.from({ ...lever, LEVER_FEATURES: 'none' })).lever?.features).toEqual([]);
    await expect(AppConfig.from({ ...lever, LEVER_FEATURES: 'moves' })).rejects.toThrow('LEVER_FEATURES');
  });

  it('knows its public address before it listens on any free port', async () => {
    const config = await AppConfig.from({ DATA_DIR: folder, PORT: '0' });
    expect(config.publicUrl).toBe(`http://localhost:${config.port}`);
    expect(config.port).toBeGreaterThan(0);
  });
});
