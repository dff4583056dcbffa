import { isDeepStrictEqual } from 'node:util';
import type { AtsProvider, StreamRequest, StreamSpec } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { Cursor, ProviderPage } from '../contract/page.js';
import type { Responder, TestContext } from './provider-context.js';
import { createProviderContext } from './provider-context.js';
import type { ProviderScenario } from './scenario.js';
import { respondFrom } from './exchange.js';

/** One promise of the contract. Throws when the provider breaks it, with a sentence that says how. */
export interface ContractCheck {
  /** What the provider does, as the title of a test. */
  readonly title: string;
  readonly run: (subject: Subject) => void | Promise<void>;
}

/** The provider under proof and how to set it to work on its scenario. */
export interface Subject {
  readonly provider: AtsProvider;
  readonly scenario: ProviderScenario;
  /** A fresh context; @default the scenario's account */
  readonly context: (respond?: Responder, signal?: AbortSignal) => TestContext<unknown>;
}

/** More pages than any scenario has: a stream that gets here does not end. */
const MANY_PAGES = 1000;

export const FIXED_NOW = new Date('2026-11-23T10:00:00Z');

export function subjectOf(provider: AtsProvider, scenario: ProviderScenario): Subject {
  return {
    provider,
    scenario,
    context: (respond = respondFrom(scenario.account), signal) =>
      createProviderContext({
        provider,
        config: scenario.config,
        respond,
        now: () => FIXED_NOW,
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

/** Everything of a stream: a history that is not read in full shows it as what changed since ever. */
export function wholeOf(stream: StreamSpec<unknown>): StreamRequest {
  return stream.modes.includes('full') ? { mode: 'full' } : { mode: 'changes', since: new Date(0), until: FIXED_NOW };
}

/** All pages of a stream, from a cursor. */
export async function pagesOf(
  stream: StreamSpec<unknown>,
  context: TestContext<unknown>,
  cursor: Cursor | null = null,
): Promise<readonly ProviderPage[]> {
  const pages: ProviderPage[] = [];
  for await (const page of stream.pages(context, wholeOf(stream), cursor)) {
    pages.push(page);
    demand(pages.length < MANY_PAGES, `stream "${stream.name}" has yielded ${MANY_PAGES} pages and does not end`);
  }
  return pages;
}

export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

export function demandEqual(actual: unknown, expected: unknown, otherwise: string): void {
  demand(isDeepStrictEqual(actual, expected), otherwise);
}

/** The fault that the work ends in. Anything else, success included, is a broken promise. */
export async function faultFrom(work: () => Promise<unknown>, what: string): Promise<ProviderFault> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ProviderFault) return error;
    throw new Error(
      `${what} ends in ${error instanceof Error ? error.name : typeof error} instead of a ProviderFault`,
      { cause: error },
    );
  }
  throw new Error(`${what} ends as if nothing had happened`);
}
