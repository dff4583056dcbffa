import type { AtsProvider } from '../contract/ats-provider.js';
import { AUTHORISATION_CHECKS, OAUTH_CHECKS } from './check-authorisation.js';
import { FAULT_CHECKS } from './check-faults.js';
import { FIELD_CHANGE_CHECKS } from './check-field-changes.js';
import { HOOK_REGISTRATION_CHECKS } from './check-hook-registration.js';
import { MANIFEST_CHECKS } from './check-manifest.js';
import { ODD_ROW_CHECKS } from './check-odd-rows.js';
import { PREFLIGHT_CHECKS } from './check-preflight.js';
import { STAGE_CHANGE_CHECKS } from './check-stage-changes.js';
import { STREAM_CHECKS } from './check-streams.js';
import { WEBHOOK_CHECKS } from './check-webhooks.js';
import type { ContractCheck } from './contract-check.js';
import { subjectOf } from './contract-check.js';
import type { ProviderScenario } from './scenario.js';

/** What the suite needs of a test runner: Jest, Vitest and `node:test` with an `expect` all have it. */
export interface TestRunner {
  readonly describe: (title: string, body: () => void) => void;
  readonly it?: (title: string, body: () => Promise<void>) => unknown;
  readonly test?: (title: string, body: () => Promise<void>) => unknown;
  readonly expect: (value: unknown) => { toBeNull(): void };
}

type Capabilities = Pick<AtsProvider, 'auth' | 'stageChanges' | 'fieldChanges' | 'webhooks'>;

/** The promises that apply to a provider, by chapter. What it cannot do it has not promised. */
export function contractChecks(provider: Capabilities): Readonly<Record<string, readonly ContractCheck[]>> {
  const { stageChanges, fieldChanges, webhooks } = provider;
  return {
    manifest: MANIFEST_CHECKS,
    authorisation: provider.auth.kind === 'oauth2' ? [...AUTHORISATION_CHECKS, ...OAUTH_CHECKS] : AUTHORISATION_CHECKS,
    streams: [...STREAM_CHECKS, ...ODD_ROW_CHECKS],
    faults: FAULT_CHECKS,
    'pre-flight': PREFLIGHT_CHECKS,
    ...(stageChanges === undefined ? {} : { 'stage changes': STAGE_CHANGE_CHECKS }),
    ...(fieldChanges === undefined ? {} : { 'field changes': FIELD_CHANGE_CHECKS }),
    ...(webhooks === undefined ? {} : { webhooks: WEBHOOK_CHECKS }),
    ...(webhooks?.registration == null ? {} : { 'registration of hooks': HOOK_REGISTRATION_CHECKS }),
  };
}

/**
 * The contract suite: every promise that a provider makes, proved on its own scenario.
 *
 * ```ts
 * describeAtsProvider({ describe, it, expect }, acme, readScenario(new URL('./fixtures/scenario.json', import.meta.url)));
 * ```
 */
export function describeAtsProvider<Config>(
  runner: TestRunner,
  provider: AtsProvider<Config>,
  scenario: ProviderScenario,
): void {
  const test = runner.it ?? runner.test;
  if (test === undefined) throw new Error('describeAtsProvider needs `it` or `test` of your test runner.');
  const subject = subjectOf(provider, scenario);
  runner.describe(`${provider.manifest.name} keeps the contract of a provider`, () => {
    for (const [chapter, checks] of Object.entries(contractChecks(provider as AtsProvider))) {
      runner.describe(chapter, () => {
        for (const check of checks) {
          test(check.title, async () => {
            runner.expect(await broken(() => check.run(subject))).toBeNull();
          });
        }
      });
    }
  });
}

/** Every broken promise, as `title: how`. For a provider's author who has no test runner at hand, and for proving the suite itself. */
export async function brokenPromises<Config>(
  provider: AtsProvider<Config>,
  scenario: ProviderScenario,
): Promise<ReadonlyMap<string, string>> {
  const subject = subjectOf(provider, scenario);
  const failures = new Map<string, string>();
  for (const check of Object.values(contractChecks(provider as AtsProvider)).flat()) {
    const how = await broken(() => check.run(subject));
    if (how !== null) failures.set(check.title, how);
  }
  return failures;
}

async function broken(run: () => void | Promise<void>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
