import { MikroOrmModule } from '@mikro-orm/nestjs';
import type { MikroOrmModuleSyncOptions } from '@mikro-orm/nestjs';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AtsIntegrationModule } from '../ats-integration.module.js';
import type { AtsIntegrationExtras } from '../ats-integration.module-definition.js';
import type { AtsIntegrationOptionsInput } from '../ats-integration.options.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import { startAtsDatabase } from '../testing-support/ats-database.js';
import type { AtsDatabase } from '../testing-support/ats-database.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import type { StreamShape } from '../testing-support/scripted-ats.js';
import { ProviderRegistry } from './provider-registry.js';
import { InjectAtsProvider, getAtsProviderToken } from './provider.tokens.js';

const OPTIONS = { url: 'https://scripted.example', clientSecret: 'canary-client-secret' };

function aProvider(shapes?: readonly StreamShape[], changes: Partial<AtsProvider['manifest']> = {}): AtsProvider {
  const { provider } = new ScriptedAts(shapes);
  return new ScriptedAts(shapes, { manifest: { ...provider.manifest, ...changes } }).provider;
}

describe('ProviderRegistry', () => {
  const adding =
    (provider: AtsProvider, options: unknown = OPTIONS): (() => void) =>
    () =>
      new ProviderRegistry().add(provider, options);

  it('knows what was added, with its checked options', () => {
    const registry = new ProviderRegistry();
    const provider = aProvider();
    registry.add(provider, OPTIONS);
    expect(registry.get(SCRIPTED_ID)).toEqual({ provider, config: OPTIONS });
    expect([registry.has(SCRIPTED_ID), registry.has('other')]).toEqual([true, false]);
  });

  it('says which ATSs there are when asked for another one', () => {
    const registry = new ProviderRegistry();
    expect(() => registry.get('workday')).toThrow('There is no ATS provider of this id. Registered are: none.');
    registry.add(aProvider(), OPTIONS);
    expect(() => registry.get('workday')).toThrow('Registered are: scripted.');
  });

  it('refuses two providers of one id', () => {
    const registry = new ProviderRegistry();
    registry.add(aProvider(), OPTIONS);
    expect(() => registry.add(aProvider(), OPTIONS)).toThrow('Two providers are called "scripted".');
  });

  it.each<[string, unknown, string]>([
    ['no options', undefined, 'Give them in `providerOptions.scripted`.'],
    ['a missing option', { url: OPTIONS.url }, 'clientSecret'],
    ['an unknown option', { ...OPTIONS, clientScret: 'x' }, 'clientScret'],
    ['a wrong option', { ...OPTIONS, url: 'nowhere' }, 'url'],
  ])('refuses a provider with %s and names it', (_, options, named) => {
    const add = (): void => new ProviderRegistry().add(aProvider(), options);
    expect(add).toThrow(named);
    expect(add).not.toThrow('canary');
  });

  it.each<[string, AtsProvider, string]>([
    ['an id that cannot stand in an address', aProvider(undefined, { id: 'My ATS' }), 'lower-case letters'],
    [
      'a manifest that contradicts its code',
      aProvider(undefined, { auth: { kind: 'api-key', fields: [] } }),
      'its manifest says api-key, its code oauth2',
    ],
    [
      'two streams of one name',
      aProvider([
        { name: 'jobs', kinds: ['job'] },
        { name: 'jobs', kinds: ['stage'] },
      ]),
      'two of its streams share a name',
    ],
    [
      'a stream after one that does not exist',
      aProvider([{ name: 'jobs', kinds: ['job'], after: ['users'] }]),
      'comes after "users", which does not exist',
    ],
    [
      'a kind that the manifest does not list',
      aProvider([{ name: 'jobs', kinds: ['job'] }], { kinds: {} }),
      'yields "job", which its manifest does not list',
    ],
    [
      'a stream that cannot be read in full',
      aProvider([{ name: 'jobs', kinds: ['job'], modes: ['changes'] }]),
      'cannot be read in full',
    ],
    [
      'a history that can be read neither in full nor by its changes',
      aProvider([{ name: 'history', kinds: ['stage-stay'], modes: ['ids'] }]),
      'cannot be read in full',
    ],
    [
      'a history that is swept and never listed whole',
      aProvider([{ name: 'history', kinds: ['stage-stay'], modes: ['changes'] }], {
        kinds: { 'stage-stay': { deletions: 'sweep' } },
      }),
      'no sweep can tell what is gone of it',
    ],
    [
      'streams that wait for each other',
      aProvider([
        { name: 'jobs', kinds: ['job'], after: ['stages'] },
        { name: 'stages', kinds: ['stage'], after: ['jobs'] },
      ]),
      'wait for each other in a circle',
    ],
    ['a stream that waits for itself', aProvider([{ name: 'jobs', kinds: ['job'], after: ['jobs'] }]), 'in a circle'],
  ])('refuses %s', (_, provider, message) => {
    expect(adding(provider)).toThrow(message);
  });
});

describe('AtsIntegrationModule', () => {
  let database: AtsDatabase;

  beforeAll(async () => {
    database = await startAtsDatabase();
  });
  afterAll(() => database.stop());

  const RIGHT: AtsIntegrationOptionsInput = {
    publicUrl: 'https://app.elly.example',
    encryptionKeys: [{ id: 'k1', secret: Buffer.alloc(32, 7).toString('base64') }],
    providerOptions: { [SCRIPTED_ID]: OPTIONS },
    sync: { schedule: false },
  };

  async function boot(
    options: object = {},
    extras: AtsIntegrationExtras = { providers: [aProvider()] },
    more: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']> = [],
    providers: NonNullable<Parameters<typeof Test.createTestingModule>[0]['providers']> = [],
  ): Promise<TestingModule> {
    const module = await Test.createTestingModule({
      imports: [
        MikroOrmModule.forRoot({ ...database.options, registerRequestContext: false } as MikroOrmModuleSyncOptions),
        AtsIntegrationModule.forRoot({ ...RIGHT, ...options, ...extras }),
        ...more,
      ],
      providers,
    }).compile();
    return module.init();
  }

  it('starts with what it needs and gives each provider under its token', async () => {
    const provider = aProvider();
    @Injectable()
    class Host {
      constructor(@InjectAtsProvider(SCRIPTED_ID) readonly ats: AtsProvider) {}
    }
    const module = await boot({}, { providers: [provider] }, [], [Host]);
    expect(module.get(getAtsProviderToken(SCRIPTED_ID))).toBe(provider);
    expect(module.get(Host).ats).toBe(provider);
    await module.close();
  });

  it('takes providers of another module of the host along', async () => {
    const other = aProvider(undefined, { id: 'other', name: 'Other' });
    const module = await boot(
      { providerOptions: { [SCRIPTED_ID]: OPTIONS, other: OPTIONS } },
      { providers: [aProvider()] },
      [AtsIntegrationModule.forFeature([other])],
    );
    const ids = module
      .get(ProviderRegistry, { strict: false })
      .all()
      .map(({ provider }) => provider.manifest.id);
    expect(ids).toEqual([SCRIPTED_ID, 'other']);
    expect(module.get(getAtsProviderToken('other'), { strict: false })).toBe(other);
    await module.close();
  });

  it('refuses a provider of another module that has no options, or an id that is taken', async () => {
    const other = aProvider(undefined, { id: 'other', name: 'Other' });
    await expect(boot({}, {}, [AtsIntegrationModule.forFeature([other])])).rejects.toThrow(
      'Give them in `providerOptions.other`.',
    );
    const taken = boot({}, { providers: [aProvider()] }, [AtsIntegrationModule.forFeature([aProvider()])]);
    await expect(taken).rejects.toThrow('Two providers are called "scripted".');
  });

  it.each<[string, object, string]>([
    ['a missing option', { publicUrl: undefined }, 'publicUrl'],
    ['an option that it does not know', { publicURL: 'https://x.example' }, 'publicURL'],
    ['an option below another that it does not know', { sync: { intervalSecs: 5 } }, 'intervalSecs'],
    ['no key', { encryptionKeys: [] }, 'encryptionKeys'],
    ['a key that is too short', { encryptionKeys: [{ id: 'k1', secret: 'c2hvcnQ=' }] }, 'openssl rand -base64 32'],
    ['a wrong kind of value', { sync: { concurrency: 'many' } }, 'sync.concurrency'],
    ['a public address without https', { publicUrl: 'http://app.elly.example' }, '`publicUrl` must be https'],
    ['a provider without options', { providerOptions: {} }, 'Give them in `providerOptions.scripted`.'],
  ])('refuses to start with %s and says which', async (_, options, message) => {
    const boots = boot(options);
    await expect(boots).rejects.toThrow(message);
    await expect(boots).rejects.not.toThrow('canary');
  });

  it('refuses to mount routes without a TenantResolver, save in development', async () => {
    const extras = { providers: [aProvider()], http: { path: 'ats' } };
    await expect(boot({}, extras)).rejects.toThrow('Give `ports.tenantResolver`');
    const module = await boot({ allowInsecureHosts: true }, extras);
    await module.close();
  });
});
