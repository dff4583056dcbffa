import type { SandboxRecordKind } from '../simulator.js';
import { at, HIRED_REASON } from './catalogue.js';
import type { LeverState } from './lever-state.js';
import { idWord, indexOfWord, recordId } from './record-ids.js';
import { isOpen, type OpportunityRecord, type Posting } from './records.js';
import { resumeName, RESUMES_PER_SLOT } from './resume-files.js';

type Neutral = Readonly<Record<string, unknown>>;

interface SortedIds {
  readonly version: number;
  readonly contacts: Uint32Array;
  readonly opportunities: Uint32Array;
  readonly resumes: Uint32Array;
}

/** The account's truth for oracles: everything, confidential records included, in the order of ids. */
export class NeutralRecords {
  readonly #state: LeverState;
  /** First 32 bits of ids, sorted: their order is that of the ids, and each leads back to its record. */
  #sorted: SortedIds | undefined;

  constructor(state: LeverState) {
    this.#state = state;
  }

  list(kind: SandboxRecordKind, offset: number, limit: number): readonly Neutral[] {
    switch (kind) {
      case 'jobs':
        return byId(this.#state.livePostings.map(job)).slice(offset, offset + limit);
      case 'stages':
        return byId(this.#state.stages.map(({ id, text }, order) => ({ id, name: text, order }))).slice(
          offset,
          offset + limit,
        );
      case 'users':
        return byId(
          this.#state.users.map(({ id, name, email, accessRole, deactivatedAt }) => ({
            id,
            name,
            email,
            admin: accessRole === 'super admin',
            active: deactivatedAt === null,
          })),
        ).slice(offset, offset + limit);
      case 'candidates':
        return this.#candidates(offset, limit);
      case 'applications':
        return this.#opportunities(offset, limit).map((record) => this.#application(record));
      case 'resumes':
        return this.#resumes(offset, limit);
    }
  }

  #candidates(offset: number, limit: number): readonly Neutral[] {
    const { seed } = this.#state;
    const words = this.#order().contacts.subarray(offset, offset + limit);
    return Array.from(words, (word) => {
      const contact = this.#state.contact(indexOfWord(seed, word, 'contact'));
      const slots = this.#state.slotsOf(contact.index);
      const { name, headline, emails, phones, isAnonymized } = contact;
      return {
        id: recordId(seed, contact.index, 'contact'),
        name,
        headline,
        emails,
        phones: phones.map(({ value }) => value),
        isAnonymized,
        applicationIds: slots.map((slot) => recordId(seed, slot, 'opportunity')),
        visible: slots.some((slot) => this.#state.row(slot)?.confidential === false),
      };
    });
  }

  #opportunities(offset: number, limit: number): readonly OpportunityRecord[] {
    const words = this.#order().opportunities.subarray(offset, offset + limit);
    return Array.from(words).flatMap(
      (word) => this.#state.opportunity(indexOfWord(this.#state.seed, word, 'opportunity')) ?? [],
    );
  }

  #resumes(offset: number, limit: number): readonly Neutral[] {
    const { seed } = this.#state;
    const words = this.#order().resumes.subarray(offset, offset + limit);
    return Array.from(words).flatMap((word) => {
      const index = indexOfWord(seed, word, 'resume');
      const row = this.#state.row(Math.floor(index / RESUMES_PER_SLOT));
      const resume = row && this.#state.resumes(row).find(({ number }) => number === index % RESUMES_PER_SLOT);
      if (row === undefined || resume === undefined) return [];
      return {
        id: recordId(seed, index, 'resume'),
        candidateId: recordId(seed, row.contact, 'contact'),
        applicationId: recordId(seed, row.slot, 'opportunity'),
        filename: resumeName(row, resume),
        createdAt: resume.at,
      };
    });
  }

  #application(record: OpportunityRecord): Neutral {
    const { seed } = this.#state;
    const archived = record.archived;
    return {
      id: recordId(seed, record.slot, 'opportunity'),
      candidateId: recordId(seed, record.contact, 'contact'),
      jobId: record.posting < 0 ? null : this.#state.posting(record.posting).id,
      stageId: at(this.#state.stages, record.stage).id,
      status: archived === null ? 'active' : archived.reason === HIRED_REASON ? 'hired' : 'rejected',
      reasonId: archived === null ? null : at(this.#state.reasons, archived.reason).id,
      visible: !record.confidential,
      inScope: record.posting >= 0 && !record.confidential && isOpen(this.#state.posting(record.posting)),
      createdAt: record.createdAt,
      updatedAt: record.updatedAt,
    };
  }

  #order(): SortedIds {
    const { version, seed } = this.#state;
    if (this.#sorted?.version === version) return this.#sorted;
    const [contacts, opportunities, resumes]: [number[], number[], number[]] = [[], [], []];
    for (let contact = 0; contact < this.#state.contactsEnd; contact += 1) {
      const slots = this.#state.slotsOf(contact);
      if (slots.length > 0) contacts.push(idWord(seed, contact, 'contact'));
      for (const slot of slots) {
        opportunities.push(idWord(seed, slot, 'opportunity'));
        const row = this.#state.row(slot);
        for (const { number } of row === undefined ? [] : this.#state.resumes(row)) {
          resumes.push(idWord(seed, slot * RESUMES_PER_SLOT + number, 'resume'));
        }
      }
    }
    const sort = (words: readonly number[]): Uint32Array => Uint32Array.from(words).sort();
    this.#sorted = { version, contacts: sort(contacts), opportunities: sort(opportunities), resumes: sort(resumes) };
    return this.#sorted;
  }
}

function job(posting: Posting): Neutral & { readonly id: string } {
  const { id, text, state, confidential, createdAt, updatedAt } = posting;
  return {
    id,
    name: text,
    status: isOpen(posting) ? 'open' : 'closed',
    state,
    visible: !confidential,
    createdAt,
    updatedAt,
  };
}

function byId<Item extends { readonly id: string }>(items: readonly Item[]): readonly Item[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}
