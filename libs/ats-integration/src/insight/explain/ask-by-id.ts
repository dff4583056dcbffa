import { Injectable } from '@nestjs/common';
import { ProviderSessions } from '../../connections/provider-sessions.js';
import { ProviderFault } from '../../contract/fault.js';
import type { ProviderRecord, RecordKind } from '../../contract/records.js';
import { ProviderRegistry } from '../../registry/provider-registry.js';
import { AtsError } from '../../support/ats-error.js';
import { streamOfIds } from '../../sync/targeted-plan.js';
import type { InsightConnection } from '../insight-connection.js';
import type { AtsAnswer } from './explanation.js';

export interface AskedById {
  readonly answer: AtsAnswer;
  /** What is there. */
  readonly record: ProviderRecord | null;
  /** Why there was no answer, or why it could not be read. */
  readonly why: string | null;
}

const DEADLINE_MS = 15_000;
/** Ids are put into addresses and filters: what looks like anything else is no id of an ATS's. */
const ID = /^\w[\w-]*$/;

/** Asks the ATS once for one record by its id, under the account's rate budget. Nothing of it is kept. */
@Injectable()
export class AskById {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly sessions: ProviderSessions,
  ) {}

  async ask(connection: InsightConnection, kind: RecordKind, remoteId: string): Promise<AskedById> {
    if (connection.status !== 'active' || !this.registry.has(connection.provider)) return said('not-asked');
    const stream = streamOfIds(this.registry.get(connection.provider).provider, kind);
    if (stream === undefined || !ID.test(remoteId)) return said('cannot-be-asked');
    try {
      const { context } = this.sessions.open(connection, AbortSignal.timeout(DEADLINE_MS));
      const request = { mode: 'ids', remoteIds: [remoteId] } as const;
      let answer = said('not-there');
      for await (const page of stream.pages(context, request, null)) {
        const record = page.records.find((one) => one.kind === kind && one.remoteId === remoteId);
        if (record !== undefined) return { answer: 'there', record, why: null };
        const rejected = page.rejected.find((one) => one.kind === kind);
        if (rejected !== undefined) answer = said('unreadable', rejected.reason);
        else if (page.withheld.length > 0) answer = said('withheld');
      }
      return answer;
    } catch (error) {
      if (error instanceof ProviderFault && error.code === 'not-found') return said('not-there');
      if (error instanceof ProviderFault || error instanceof AtsError) return said('no-answer', error.message);
      if (isTimeout(error)) return said('no-answer', 'The ATS did not answer in time.');
      throw error;
    }
  }
}

function said(answer: AtsAnswer, why: string | null = null): AskedById {
  return { answer, record: null, why };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}
