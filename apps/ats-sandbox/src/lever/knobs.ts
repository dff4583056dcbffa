import { DEFAULT_WEBHOOK_KNOBS, webhookKnobsSchema, type WebhookKnobs } from '../webhooks/webhook-knobs.js';

/** What about an account's behaviour can be turned. */
export interface LeverKnobs {
  readonly rateLimit: { readonly capacity: number; readonly refillPerSecond: number } | 'off';
  /** Whether a 429 says when to come back; Lever does not document that it does. */
  readonly retryAfter: boolean;
  /** Times as strings of digits, as some of the vendor's examples have them. */
  readonly stringTimestamps: boolean;
  /** Lists without `hasNext`, as some of the vendor's endpoints answer. */
  readonly missingHasNext: boolean;
  readonly ignoreExpand: boolean;
  /** How long new rows, and updates for the `updated_at` filters, stay out of sight. */
  readonly lateVisibilityMs: number;
  readonly resumesMissing: 'empty-list' | '404';
  readonly baseDate: number | string | undefined;
  /** How long a used refresh token lives on. Lever does not say; the strictest reading is that it does not. */
  readonly refreshGraceSeconds: number;
  /** Scopes that no new token has. What happens to a token that has them is not documented: it keeps them. */
  readonly withheldScopes: readonly string[];
  /** Who approves when the consent form names no user. */
  readonly approver: 'admin' | 'member';
  readonly tokenExpiryShape: unknown;
  /** How far the vendor's clock is ahead of ours, or with a minus behind it. */
  readonly clockSkewMs: number;
  /** Which writes need `perform_as`: those that are documented to, or all but those of contacts and webhooks. */
  readonly performAs: 'documented' | 'required';
  /** How many days of deleted postings can be asked for at once; null: all. */
  readonly deletedWindowDays: number | null;
  /** Whether webhooks that apps make deliver without a Super Admin turning their event on. */
  readonly webhookGroupsOn: boolean;
  /** Deliveries without `id`, as the documentation's examples are. */
  readonly webhookMissingId: boolean;
  /** Deliveries without `signature`, as from an account that never made a token. */
  readonly webhookUnsigned: boolean;
  /** The answer to a new webhook as the documentation shows it, in two envelopes. */
  readonly webhookDoubleWrapped: boolean;
  readonly webhooks: WebhookKnobs;
}

export const DEFAULT_KNOBS: LeverKnobs = {
  rateLimit: { capacity: 20, refillPerSecond: 10 },
  retryAfter: false,
  stringTimestamps: false,
  missingHasNext: false,
  ignoreExpand: false,
  lateVisibilityMs: 0,
  resumesMissing: 'empty-list',
  baseDate: undefined,
  refreshGraceSeconds: 0,
  withheldScopes: [],
  approver: 'admin',
  tokenExpiryShape: undefined,
  clockSkewMs: 0,
  performAs: 'documented',
  deletedWindowDays: 30,
  webhookGroupsOn: false,
  webhookMissingId: false,
  webhookUnsigned: false,
  webhookDoubleWrapped: false,
  webhooks: DEFAULT_WEBHOOK_KNOBS,
};

type Check = readonly [accepts: (value: unknown) => boolean, expected: string];
const BOOLEAN: Check = [(value) => typeof value === 'boolean', 'true or false'];
const ANYTHING: Check = [() => true, 'anything'];

const CHECKS: Readonly<Record<keyof LeverKnobs, Check>> = {
  rateLimit: [isRateLimit, '"off" or { capacity, refillPerSecond }, both positive'],
  retryAfter: BOOLEAN,
  stringTimestamps: BOOLEAN,
  missingHasNext: BOOLEAN,
  ignoreExpand: BOOLEAN,
  lateVisibilityMs: [(value) => typeof value === 'number' && value >= 0, 'a number of milliseconds'],
  resumesMissing: [(value) => value === 'empty-list' || value === '404', '"empty-list" or "404"'],
  baseDate: [(value) => value === undefined || !Number.isNaN(baseTime(value)), 'a time'],
  refreshGraceSeconds: [(value) => typeof value === 'number' && value >= 0, 'a number of seconds'],
  withheldScopes: [
    (value) => Array.isArray(value) && value.every((scope) => typeof scope === 'string'),
    'a list of scopes',
  ],
  approver: [(value) => value === 'admin' || value === 'member', '"admin" or "member"'],
  tokenExpiryShape: ANYTHING,
  clockSkewMs: [(value) => typeof value === 'number', 'a number of milliseconds'],
  performAs: [(value) => value === 'documented' || value === 'required', '"documented" or "required"'],
  deletedWindowDays: [
    (value) => value === null || (typeof value === 'number' && value > 0),
    'a number of days or null',
  ],
  webhookGroupsOn: BOOLEAN,
  webhookMissingId: BOOLEAN,
  webhookUnsigned: BOOLEAN,
  webhookDoubleWrapped: BOOLEAN,
  webhooks: [(value) => webhookKnobsSchema.safeParse(value).success, 'the knobs of webhooks'],
};

/** The knobs with others merged over them; throws for one that does not exist or cannot have that value. */
export function mergeKnobs(knobs: LeverKnobs, changes: Readonly<Record<string, unknown>>): LeverKnobs {
  for (const [name, value] of Object.entries(changes)) {
    if (!isKnob(name)) throw new Error(`Lever has no knob "${name}"; it has ${Object.keys(CHECKS).join(', ')}.`);
    const [accepts, expected] = CHECKS[name];
    if (!accepts(value)) throw new Error(`Lever's knob "${name}" must be ${expected}.`);
  }
  const merged = { ...knobs, ...changes };
  return { ...merged, webhooks: webhookKnobsSchema.parse(merged.webhooks) };
}

/** A time given as milliseconds or as text; NaN when it is neither. */
export function baseTime(value: unknown): number {
  if (typeof value === 'number') return Math.floor(value);
  return typeof value === 'string' ? Date.parse(value) : NaN;
}

function isKnob(name: string): name is keyof LeverKnobs {
  return Object.hasOwn(CHECKS, name);
}

function isRateLimit(value: unknown): boolean {
  if (value === 'off') return true;
  if (typeof value !== 'object' || value === null) return false;
  const { capacity, refillPerSecond } = value as Readonly<Record<string, unknown>>;
  return typeof capacity === 'number' && capacity >= 1 && typeof refillPerSecond === 'number' && refillPerSecond > 0;
}
