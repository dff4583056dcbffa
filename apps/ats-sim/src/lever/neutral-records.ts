import type { SandboxRecordKind } from '../simulator.js';
import { at, HIRED_REASON } from './catalogue.js';
import type { LeverState } from './lever-state.js';
import { idWord, indexOfWord, recordId } from './record-ids.js';
import { isOpen, type OpportunityRecord, type Posting } from './records.js';
import { resumeFile, resumeId } from './resume-files.js';

type Neutral = Readonly<Record<string, unknown>>;

/** The account's truth for oracles: everything, confidential records included, in the order of ids. */
export class NeutralRecords {
  readonly #state: LeverState;
  /** First 32 bits of ids, sorted: their order is that of the ids, and each leads back to its record. */
  #sorted:
    { readonly version: number; readonly contacts: Uint32Array; readonly opportunities: Uint32Array } | undefined;

  constructor(state: LeverState) {
    this.#state = state;
  }

  list(kind: SandboxRecordKind, offset: number, limit: number): readonly Neutral[] {
    switch (kind) {
      case 'jobs':
        return byId(this.#state.postings.map(job)).slice(offset, offset + limit);
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
            role: accessRole,
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
      const applications = this.#state.slotsOf(contact.index).map((slot) => recordId(seed, slot, 'opportunity'));
      const { name, headline, emails, phones, isAnonymized } = contact;
      return {
        id: recordId(seed, contact.index, 'contact'),
        name,
        headline,
        emails,
        phones: phones.map(({ value }) => value),
        isAnonymized,
        applications,
      };
    });
  }

  #opportunities(offset: number, limit: number): readonly OpportunityRecord[] {
    const words = this.#order().opportunities.subarray(offset, offset + limit);
    return Array.from(words).flatMap(
      (word) => this.#state.opportunity(indexOfWord(this.#state.seed, word, 'opportunity')) ?? [],
    );
  }

  /** In the order of their opportunities' ids; there is no order of their own to page by without holding them all. */
  #resumes(offset: number, limit: number): readonly Neutral[] {
    const { seed } = this.#state;
    const found: Neutral[] = [];
    let seen = 0;
    for (const word of this.#order().opportunities) {
      const row = this.#state.row(indexOfWord(seed, word, 'opportunity'));
      if (row === undefined) continue;
      for (const resume of this.#state.resumes(row)) {
        seen += 1;
        if (seen <= offset) continue;
        if (found.length === limit) return found;
        found.push({
          id: resumeId(this.#state, row.slot, resume),
          application: recordId(seed, row.slot, 'opportunity'),
          candidate: recordId(seed, row.contact, 'contact'),
          createdAt: resume.at,
          bytes: resumeFile(this.#state, row, resume).length,
        });
      }
    }
    return found;
  }

  #application(record: OpportunityRecord): Neutral {
    const { seed } = this.#state;
    const archived = record.archived;
    return {
      id: recordId(seed, record.slot, 'opportunity'),
      candidate: recordId(seed, record.contact, 'contact'),
      job: record.posting < 0 ? null : this.#state.posting(record.posting).id,
      stage: at(this.#state.stages, record.stage).id,
      status: archived === null ? 'active' : archived.reason === HIRED_REASON ? 'hired' : 'rejected',
      reason: archived === null ? null : at(this.#state.reasons, archived.reason).id,
      confidential: record.confidential,
      inScope: record.posting >= 0 && !record.confidential && isOpen(this.#state.posting(record.posting)),
      createdAt: record.createdAt,
      updatedAt: record.updatedAt,
    };
  }

  #order(): { readonly contacts: Uint32Array; readonly opportunities: Uint32Array } {
    const { version, seed } = this.#state;
    if (this.#sorted?.version === version) return this.#sorted;
    const contacts = new Uint32Array(this.#state.contactsEnd);
    const opportunities = new Uint32Array(this.#state.slotsEnd);
    let [people, rows] = [0, 0];
    for (let contact = 0; contact < this.#state.contactsEnd; contact += 1) {
      const slots = this.#state.slotsOf(contact);
      if (slots.length > 0) contacts[people++] = idWord(seed, contact, 'contact');
      for (const slot of slots) opportunities[rows++] = idWord(seed, slot, 'opportunity');
    }
    this.#sorted = {
      version,
      contacts: contacts.slice(0, people).sort(),
      opportunities: opportunities.slice(0, rows).sort(),
    };
    return this.#sorted;
  }
}

function job(posting: Posting): Neutral & { readonly id: string } {
  const { id, text, state, confidential, createdAt, updatedAt } = posting;
  return { id, name: text, status: isOpen(posting) ? 'open' : 'closed', state, confidential, createdAt, updatedAt };
}

function byId<Item extends { readonly id: string }>(items: readonly Item[]): readonly Item[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}
