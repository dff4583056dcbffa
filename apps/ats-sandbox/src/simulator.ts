import type { Router } from 'express';
import type { SandboxClock } from './server/sandbox-clock.js';
import type { FaultPlan } from './faults/fault-plan.js';
import type { AccountWebhooks } from './webhooks/account-webhooks.js';
import type { WriteLedger } from './writes/write-ledger.js';

export const PROVIDERS = ['greenhouse', 'lever'] as const;
export type ProviderId = (typeof PROVIDERS)[number];

export const RECORD_KINDS = ['jobs', 'stages', 'candidates', 'applications', 'resumes', 'users'] as const;
export type SandboxRecordKind = (typeof RECORD_KINDS)[number];

/** How to make an account; the same options make the same account. */
export interface AccountOptions {
  readonly name: string;
  readonly seed: number;
  /** People in the account. */
  readonly candidates: number;
  /** The vendor's knobs, merged over its defaults. */
  readonly knobs?: Readonly<Record<string, unknown>>;
}

export interface SandboxUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Site Admin (Greenhouse) or Super Admin (Lever). */
  readonly admin: boolean;
}

/** Everything the account holds, counted without the paging code. */
export interface AccountCounts {
  readonly jobs: number;
  readonly openJobs: number;
  readonly stages: number;
  readonly candidates: number;
  readonly applications: number;
  readonly resumes: number;
}

/** What a connection that an admin authorised with the usual scopes may see. */
export interface VisibleCounts extends AccountCounts {
  /** Applications on open jobs, the people who have at least one, and the newest résumé of each who has any. */
  readonly inScope: { readonly candidates: number; readonly applications: number; readonly resumes: number };
  /** Applications (Greenhouse prospects, Lever leads) without a job. */
  readonly withoutJob: number;
}

export interface RequestCounts {
  readonly total: number;
  readonly byRoute: Readonly<Record<string, number>>;
  readonly status429: number;
}

/** One applied change, enough to find it again. */
export interface AppliedChange {
  readonly op: string;
  readonly kind: SandboxRecordKind;
  readonly id: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** How many changes of each sort to make at random, or exactly which. */
export interface ChangeRequest {
  readonly seed?: number;
  readonly moves?: number;
  readonly edits?: number;
  readonly newCandidates?: number;
  readonly rejections?: number;
  readonly hires?: number;
  readonly jobsOpened?: number;
  readonly jobsClosed?: number;
  readonly newJobs?: number;
  readonly unrejections?: number;
  readonly deletedApplications?: number;
  readonly deletedCandidates?: number;
  readonly merges?: number;
  readonly anonymized?: number;
  readonly operations?: readonly Readonly<Record<string, unknown>>[];
}

/** One customer's ATS. Everything that changes it goes through it, so that timestamps move as the vendor moves them. */
export interface SimulatedAccount {
  readonly id: string;
  readonly provider: ProviderId;
  readonly options: AccountOptions;
  users(): readonly SandboxUser[];
  counts(): AccountCounts;
  visible(): VisibleCounts;
  requests(): RequestCounts;
  /** The simulator's own truth in a neutral shape, for oracles; in the order of ids. */
  records(kind: SandboxRecordKind, offset: number, limit: number): readonly Readonly<Record<string, unknown>>[];
  /** As a person in that ATS would. */
  change(request: ChangeRequest): {
    readonly made: Readonly<Record<string, number>>;
    readonly operations: readonly AppliedChange[];
  };
  knobs(): Readonly<Record<string, unknown>>;
  /** Merges; throws an Error with a sentence for an unknown knob. */
  setKnobs(knobs: Readonly<Record<string, unknown>>): void;
  readonly faults: FaultPlan;
  readonly webhooks: AccountWebhooks;
  readonly writes: WriteLedger;
}

/** What an access token or API key stands for. */
export interface GrantedAccess {
  readonly accountId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly clientId: string | null;
}

/** Looks up the bearer of a request; undefined when the token is unknown, expired or revoked. */
export interface AccessTokens {
  bearer(token: string): GrantedAccess | undefined;
  apiKey(key: string): GrantedAccess | undefined;
}

/** A vendor: makes accounts and serves their API. */
export interface Simulator {
  readonly provider: ProviderId;
  createAccount(id: string, options: AccountOptions, clock: SandboxClock): SimulatedAccount;
  /** Mounted under `/greenhouse/v3` or `/lever/v1`; finds the account by the credentials of each request. */
  api(accounts: ReadonlyMap<string, SimulatedAccount>, tokens: AccessTokens, clock: SandboxClock): Router;
  /** Files that links point to, mounted under `/files/<provider>`; absent when the API itself serves them. */
  files?(accounts: ReadonlyMap<string, SimulatedAccount>, clock: SandboxClock): Router;
  /** All scopes that exist, with what a consent page says of each. */
  readonly scopes: Readonly<Record<string, string>>;
}
