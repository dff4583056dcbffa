/** What happens to connections, with everything decided that chance decides. */
export type Operation =
  | { readonly kind: 'begin'; readonly by: Who; readonly provider: string }
  | { readonly kind: 'begin-again'; readonly by: Who; readonly connection: string }
  | {
      readonly kind: 'finish';
      readonly state: string;
      readonly as: FinishAs;
      /** Who began it, and where. */
      readonly of: { readonly who: Who; readonly provider: string };
      /** The account at the ATS that the person signs in to. */
      readonly account: string;
      /** How the grant is called that comes of it. */
      readonly grant: string;
    }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'release-abandoned' }
  | { readonly kind: 'sync'; readonly connection: string; readonly after: Trouble }
  | { readonly kind: 'keep-alive'; readonly connection: string; readonly after: Trouble }
  | { readonly kind: 'plan'; readonly workspace: string; readonly plan: PlanName }
  | { readonly kind: 'enforce'; readonly workspace: string }
  | { readonly kind: 'disconnect'; readonly connection: string; readonly workspace: string }
  | { readonly kind: 'give-back'; readonly failing: boolean }
  | { readonly kind: 'reseal' };

export interface Who {
  readonly workspaceId: string;
  readonly userId: string;
  readonly browser: string;
}

/** Who brings the answer of a sign-in, and what it says. */
export const FINISHES = [
  'the person',
  'the person, refusing',
  'another user',
  'another browser',
  'another workspace',
  'another provider',
] as const;
export type FinishAs = (typeof FINISHES)[number];

/** What happened to a connection's authorisation just before. */
export const TROUBLES = [
  'nothing',
  'expired',
  'expired at the ATS only',
  'revoked at the ATS',
  'expired, sign-in server down',
  'expired, answer lost',
] as const;
export type Trouble = (typeof TROUBLES)[number];

export const PLANS = {
  free: 0,
  starter: 1,
  growth: 1,
  enterprise: 'unlimited',
} as const;
export type PlanName = keyof typeof PLANS;

/** Within the life of a sign-in, beyond the life of its state, and when nothing of it can be under way any more. */
export const MINUTES_OF_WAIT = [8, 11, 16] as const;

export type LedgerCall = 'reserve' | 'commit' | 'release';

/** Calls that fail, either having done nothing or having done everything. */
export interface LedgerTrouble {
  readonly calls: readonly LedgerCall[];
  readonly when: 'before' | 'after';
}

/** What an operation came to: `ok` or the code of its error, and the names that it gave. */
export interface Outcome {
  readonly code: string;
  readonly connection?: string;
  readonly state?: string;
}
