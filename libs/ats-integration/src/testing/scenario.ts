import { readFileSync } from 'node:fs';
import type { RecordKind } from '../contract/records.js';
import type { ScriptedAts } from './exchange.js';
import type { FieldChangeScenario, StageChangeScenario, WebhookScenario } from './scenario-parts.js';

/** What one stream yields from the account. */
export interface ExpectedStream {
  readonly records: Readonly<Partial<Record<RecordKind, number>>>;
  /** @default 0 */
  readonly rejected?: number;
  /** @default 0 */
  readonly withheld?: number;
  /** Records that it lists as gone, in all its pages; absent: they are not counted. */
  readonly gone?: number;
}

/** What a provider is proved with: a small account, as exchanges or as a function. */
export interface ProviderScenario {
  /** The deployment's options. The values under keys that name a secret are looked for in every fault. */
  readonly config: unknown;
  readonly account: ScriptedAts;
  /** By stream; at least one of them must come in two pages or more. */
  readonly expected: Readonly<Record<string, ExpectedStream>>;
  /** The same ATS with nothing in it. */
  readonly empty: ScriptedAts;
  /** Accounts in which the ATS sends a word that nobody has heard of, and the field that is `'unknown'` then. */
  readonly unknownWords: readonly {
    readonly stream: string;
    readonly field: string;
    readonly account: ScriptedAts;
  }[];
  /** Needed of a provider that moves applications. */
  readonly stageChanges?: StageChangeScenario;
  /** Needed of a provider that writes fields back. */
  readonly fieldChanges?: FieldChangeScenario;
  /** Needed of a provider that takes webhooks. */
  readonly webhooks?: WebhookScenario;
  /** A token of this ATS's for the pre-flight, made up. @default "opaque" */
  readonly accessToken?: string;
}

/** A scenario kept as JSON beside the provider: `readScenario(new URL('./fixtures/scenario.json', import.meta.url))`. */
export function readScenario(file: URL): ProviderScenario {
  return JSON.parse(readFileSync(file, 'utf8')) as ProviderScenario;
}
