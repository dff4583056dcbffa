import { at, archiveReasonsOf, stagesOf, type ArchiveReason, type Stage } from './catalogue.js';
import type { LogEntry, LogEvent } from './change-log.js';
import { OpportunityGenerator, SLOTS_PER_CONTACT } from './opportunity-generator.js';
import { contactAt, isAnonymizedContact } from './people.js';
import { postingsOf } from './postings.js';
import { indexOfId, recordId } from './record-ids.js';
import type { Contact, OpportunityRecord, OpportunityRow, Posting, StoredResume, User } from './records.js';
import { usersOf } from './users.js';

/** A record that was deleted, kept for the feed of deletions. */
export interface Deletion {
  readonly record: OpportunityRecord;
  readonly at: number;
  readonly user: number;
}

/** A posting that was deleted. */
export interface PostingDeletion {
  readonly posting: Posting;
  readonly at: number;
  readonly user: number;
}

/**
 * An account's data: made from the seed, with what changed since laid over it. Nothing else may change the data, so that
 * every change is in the log.
 */
export class LeverState {
  readonly seed: number;
  readonly candidates: number;
  readonly base: number;
  readonly stages: readonly Stage[];
  readonly reasons: readonly ArchiveReason[];
  readonly users: readonly User[];
  readonly generator: OpportunityGenerator;
  readonly #postings: Posting[];
  readonly #contacts = new Map<number, Contact>();
  readonly #opportunities = new Map<number, OpportunityRecord>();
  readonly #slotsOfContact = new Map<number, number[]>();
  readonly #deleted = new Map<number, Deletion>();
  readonly #deletedPostings = new Map<number, PostingDeletion>();
  readonly #log: LogEntry[] = [];
  readonly #listeners: ((entry: LogEntry) => void)[] = [];
  readonly #now: () => number;
  #moment: number | null = null;
  #nextContact: number;
  #nextSlot: number;

  constructor(seed: number, candidates: number, base: number, now: () => number) {
    this.seed = seed;
    this.candidates = candidates;
    this.base = base;
    this.#now = now;
    this.stages = stagesOf(seed, candidates);
    this.reasons = archiveReasonsOf(seed);
    this.users = usersOf(seed, candidates, base);
    this.#postings = [...postingsOf(seed, candidates, this.users.length, base)];
    const { stages, reasons, users } = this;
    this.generator = new OpportunityGenerator({
      seed,
      candidates,
      base,
      stages,
      reasons,
      postings: [...this.#postings],
      users: users.length,
    });
    this.#nextContact = candidates;
    this.#nextSlot = this.generator.slots;
  }

  /** Deleted ones as well, as opportunities go on naming them. */
  get postings(): readonly Posting[] {
    return this.#postings;
  }

  get livePostings(): readonly Posting[] {
    return this.#postings.filter(({ index }) => !this.#deletedPostings.has(index));
  }

  get postingDeletions(): readonly PostingDeletion[] {
    return [...this.#deletedPostings.values()];
  }

  /** Everything that happened, oldest first. */
  get log(): readonly LogEntry[] {
    return this.#log;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#log.length;
  }

  /** All slots, filled or empty, are below this. */
  get slotsEnd(): number {
    return this.#nextSlot;
  }

  get contactsEnd(): number {
    return this.#nextContact;
  }

  /** Slots whose rows are no longer as they were generated. */
  get overlaid(): ReadonlyMap<number, OpportunityRecord> {
    return this.#opportunities;
  }

  get deletions(): readonly Deletion[] {
    return [...this.#deleted.values()];
  }

  deletion(slot: number): Deletion | undefined {
    return this.#deleted.get(slot);
  }

  get changedContacts(): Iterable<number> {
    return this.#contacts.keys();
  }

  now(): number {
    return this.#moment ?? this.#now();
  }

  /** Everything that `change` does happens at one time: what it moves in several places has to agree. */
  atOnce<Result>(change: () => Result): Result {
    if (this.#moment !== null) return change();
    this.#moment = this.#now();
    try {
      return change();
    } finally {
      this.#moment = null;
    }
  }

  onChange(listener: (entry: LogEntry) => void): void {
    this.#listeners.push(listener);
  }

  isDeleted(slot: number): boolean {
    return this.#deleted.has(slot);
  }

  /** Whether a row is as it was when the account was made. */
  untouched(slot: number): boolean {
    return !this.#opportunities.has(slot) && !this.#deleted.has(slot);
  }

  row(slot: number): OpportunityRow | undefined {
    if (this.#deleted.has(slot)) return undefined;
    return this.#opportunities.get(slot) ?? (this.generator.has(slot) ? this.generator.row(slot) : undefined);
  }

  opportunity(slot: number): OpportunityRecord | undefined {
    if (this.#deleted.has(slot)) return undefined;
    return this.#opportunities.get(slot) ?? (this.generator.has(slot) ? this.generator.record(slot) : undefined);
  }

  resumes(row: OpportunityRow): readonly StoredResume[] {
    return this.#opportunities.get(row.slot)?.resumes ?? this.generator.resumes(row);
  }

  contact(index: number): Contact {
    return this.#contacts.get(index) ?? contactAt(this.seed, index);
  }

  isAnonymized(contact: number): boolean {
    return this.#contacts.get(contact)?.isAnonymized ?? isAnonymizedContact(this.seed, contact);
  }

  /** A person's opportunities that still exist. */
  slotsOf(contact: number): readonly number[] {
    const made = contact < this.candidates ? this.generator.opportunitiesOf(contact) : 0;
    const slots = Array.from({ length: made }, (_, place) => contact * SLOTS_PER_CONTACT + place);
    const all = new Set([...slots, ...(this.#slotsOfContact.get(contact) ?? [])]);
    return [...all].filter(
      (slot) => !this.#deleted.has(slot) && (this.#opportunities.get(slot)?.contact ?? contact) === contact,
    );
  }

  posting(index: number): Posting {
    return at(this.#postings, index);
  }

  findOpportunity(id: string): OpportunityRecord | undefined {
    const slot = indexOfId(this.seed, id, 'opportunity');
    return slot === undefined ? undefined : this.opportunity(slot);
  }

  findContact(id: string): Contact | undefined {
    const index = indexOfId(this.seed, id, 'contact');
    return index === undefined || index >= this.#nextContact || this.slotsOf(index).length === 0
      ? undefined
      : this.contact(index);
  }

  /** Puts a changed opportunity in place of the old one, with the time of the change. */
  touch(record: OpportunityRecord, event: LogEvent): OpportunityRecord {
    const now = this.now();
    const touched = { ...record, updatedAt: now, interactedAt: Math.max(now, record.interactedAt) };
    this.#opportunities.set(record.slot, touched);
    this.#append(event, now);
    return touched;
  }

  /** A person's data is shown on, and so changes, each of their opportunities. */
  putContact(contact: Contact, event: LogEvent): void {
    const now = this.now();
    this.#contacts.set(contact.index, contact);
    for (const slot of this.slotsOf(contact.index)) {
      const record = this.opportunity(slot);
      if (record !== undefined) this.#opportunities.set(slot, { ...record, updatedAt: now });
    }
    this.#append(event, now);
  }

  addContact(contact: Omit<Contact, 'index'>): Contact {
    const added = { ...contact, index: this.#nextContact++ };
    this.#contacts.set(added.index, added);
    this.#append({ type: 'contactCreated', contact: added.index }, this.now());
    return added;
  }

  addOpportunity(record: Omit<OpportunityRecord, 'slot'>): OpportunityRecord {
    const added = { ...record, slot: this.#nextSlot++ };
    this.#opportunities.set(added.slot, added);
    this.#slotsOfContact.set(added.contact, [...(this.#slotsOfContact.get(added.contact) ?? []), added.slot]);
    this.#append({ type: 'applicationCreated', opportunity: added.slot }, this.now());
    return added;
  }

  /** Makes it somebody else's. */
  giveOpportunity(record: OpportunityRecord, contact: number): void {
    this.#slotsOfContact.set(contact, [...(this.#slotsOfContact.get(contact) ?? []), record.slot]);
    this.touch({ ...record, contact }, { type: 'opportunityUpdated', opportunity: record.slot });
  }

  deleteOpportunity(record: OpportunityRecord, user: number): void {
    const now = this.now();
    this.#deleted.set(record.slot, { record, at: now, user });
    this.#opportunities.delete(record.slot);
    this.#append({ type: 'candidateDeleted', opportunity: record.slot }, now);
  }

  putPosting(posting: Posting): Posting {
    const now = this.now();
    const put = { ...posting, updatedAt: now };
    this.#postings[posting.index] = put;
    this.#append({ type: 'postingUpdated', posting: posting.index }, now);
    return put;
  }

  addPosting(posting: Omit<Posting, 'index' | 'id'>): Posting {
    const index = this.#postings.length;
    const added = { ...posting, index, id: recordId(this.seed, index, 'posting') };
    this.#postings.push(added);
    this.#append({ type: 'postingCreated', posting: index }, this.now());
    return added;
  }

  /** Nobody can apply to it any more; its opportunities stay. */
  deletePosting(posting: Posting, user: number): void {
    const now = this.now();
    const closed: Posting = { ...posting, state: 'closed', distributionChannels: null, updatedAt: now };
    this.#postings[posting.index] = closed;
    this.#deletedPostings.set(posting.index, { posting, at: now, user });
    this.#append({ type: 'postingDeleted', posting: posting.index }, now);
  }

  #append(event: LogEvent, time: number): void {
    const entry = { ...event, sequence: this.#log.length, at: time };
    this.#log.push(entry);
    for (const listener of this.#listeners) listener(entry);
  }
}
