import { fraction, integer, mix, pick } from '../randomness/random.js';
import {
  at,
  FIRST_APPLICANT_STAGE,
  HIRED_REASON,
  LAST_LEAD_STAGE,
  type ArchiveReason,
  type Stage,
} from './catalogue.js';
import { EXTRA_TAGS, ORIGINS, SOURCES } from './names.js';
import type { OpportunityRecord, OpportunityRow, Posting, StageChange, StoredResume } from './records.js';

const SALT = 400;
const DAY = 86_400_000;
const SPAN = 730 * DAY;
/** The most opportunities a person has when the account is made; slot = person × this + their place. */
export const SLOTS_PER_CONTACT = 3;

/** What the generator draws from. */
export interface GeneratorWorld {
  readonly seed: number;
  readonly candidates: number;
  readonly base: number;
  readonly stages: readonly Stage[];
  readonly reasons: readonly ArchiveReason[];
  readonly postings: readonly Posting[];
  readonly users: number;
}

/** Makes any opportunity from its slot alone, so that a million of them need no memory. */
export class OpportunityGenerator {
  readonly #world: GeneratorWorld;
  /** Postings that could have received applications. */
  readonly #advertised: readonly number[];
  readonly #offer: number;

  constructor(world: GeneratorWorld) {
    this.#world = world;
    this.#advertised = world.postings
      .filter(({ state }) => ['published', 'internal', 'closed'].includes(state))
      .map(({ index }) => index);
    this.#offer = world.stages.findIndex(({ id }) => id === 'offer');
  }

  /** Slots are below this; many of them are empty. */
  get slots(): number {
    return this.#world.candidates * SLOTS_PER_CONTACT;
  }

  /** How many of a person's slots are filled: 1.25 on average. */
  opportunitiesOf(contact: number): number {
    const chance = fraction(this.#world.seed, contact, SALT);
    if (chance < 0.8) return 1;
    return chance < 0.95 ? 2 : 3;
  }

  has(slot: number): boolean {
    return slot < this.slots && slot % SLOTS_PER_CONTACT < this.opportunitiesOf(Math.floor(slot / SLOTS_PER_CONTACT));
  }

  row(slot: number): OpportunityRow {
    const { seed, base } = this.#world;
    const posting = this.#posting(slot);
    const stage = this.#stage(slot, posting);
    const createdAt = base - 1 - Math.floor(fraction(seed, slot, SALT + 5) * (SPAN - 2));
    const advancedAt = this.#first(stage) ? createdAt : this.#between(createdAt, base, slot, SALT + 6, 60 * DAY);
    const archived = this.#archived(slot, stage, advancedAt);
    const touched = fraction(seed, slot, SALT + 7) < 0.05;
    return {
      slot,
      contact: Math.floor(slot / SLOTS_PER_CONTACT),
      posting,
      stage,
      confidential: posting >= 0 && at(this.#world.postings, posting).confidential,
      archived,
      createdAt,
      updatedAt: touched ? this.#between(archived?.at ?? advancedAt, base, slot, SALT + 8, DAY) : null,
      advancedAt,
    };
  }

  record(slot: number): OpportunityRecord {
    const { seed, base, users } = this.#world;
    const row = this.row(slot);
    const owner = fraction(seed, slot, SALT + 20) < 0.08 ? null : integer(seed, slot, SALT + 21, users);
    const latest = Math.max(row.advancedAt, row.archived?.at ?? 0);
    const interactedAt = this.#between(latest, row.updatedAt ?? base, slot, SALT + 22, 5 * DAY);
    const origin = this.#origin(row);
    return {
      ...row,
      tags: this.#tags(row),
      sources: fraction(seed, slot, SALT + 23) < 0.15 ? [] : [pick(SOURCES, seed, slot, SALT + 24)],
      origin,
      owner,
      sourcedBy: origin === 'sourced' ? integer(seed, slot, SALT + 25, users) : null,
      followers: this.#followers(slot, owner),
      stageChanges: this.#stageChanges(row),
      interactedAt,
      snoozedUntil:
        row.archived === null && fraction(seed, slot, SALT + 26) < 0.02
          ? base + integer(seed, slot, SALT + 27, 60 * DAY)
          : null,
      resumes: this.resumes(row),
    };
  }

  resumes(row: OpportunityRow): readonly StoredResume[] {
    const chance = fraction(this.#world.seed, row.slot, SALT + 30);
    if (row.posting < 0 || chance >= 0.6) return [];
    const first = { number: 0, at: row.createdAt };
    return chance < 0.55 ? [first] : [first, { number: 1, at: row.advancedAt }];
  }

  /** The tag that is nobody's automatic one; -1 for none. */
  extraTag(slot: number): number {
    return fraction(this.#world.seed, slot, SALT + 31) < 0.2
      ? integer(this.#world.seed, slot, SALT + 32, EXTRA_TAGS.length)
      : -1;
  }

  #posting(slot: number): number {
    const { seed } = this.#world;
    if (fraction(seed, slot, SALT + 1) < 0.15) return -1;
    // Squared, because a few postings receive most of the applications.
    const place = Math.floor(fraction(seed, slot, SALT + 2) ** 2 * this.#advertised.length);
    return at(this.#advertised, place);
  }

  #stage(slot: number, posting: number): number {
    const { seed, stages } = this.#world;
    if (posting < 0 || fraction(seed, slot, SALT + 3) < 0.12) return integer(seed, slot, SALT + 4, LAST_LEAD_STAGE + 1);
    const place = fraction(seed, slot, SALT + 4) ** 2 * (stages.length - FIRST_APPLICANT_STAGE);
    return FIRST_APPLICANT_STAGE + Math.floor(place);
  }

  #first(stage: number): boolean {
    return stage === 0 || stage === FIRST_APPLICANT_STAGE;
  }

  #archived(slot: number, stage: number, advancedAt: number): OpportunityRow['archived'] {
    const { seed, base, reasons } = this.#world;
    if (fraction(seed, slot, SALT + 9) >= 0.35) return null;
    const hired = stage >= this.#offer && fraction(seed, slot, SALT + 10) < 0.7;
    const reason = hired ? HIRED_REASON : 1 + integer(seed, slot, SALT + 11, reasons.length - 1);
    return { reason, at: this.#between(advancedAt, base, slot, SALT + 12, 40 * DAY) };
  }

  #origin(row: OpportunityRow): string {
    if (row.posting < 0) return 'sourced';
    return pick(ORIGINS, this.#world.seed, row.slot, SALT + 33);
  }

  /** An application's posting gives the opportunity its title, department, team, location and commitment as tags. */
  #tags(row: OpportunityRow): readonly string[] {
    const extra = this.extraTag(row.slot);
    const own = extra < 0 ? [] : [at(EXTRA_TAGS, extra)];
    if (row.posting < 0) return own;
    return [...own, ...tagsOf(at(this.#world.postings, row.posting))];
  }

  #followers(slot: number, owner: number | null): readonly number[] {
    const { seed, users } = this.#world;
    const other = mix(seed, slot, SALT + 34) % users;
    const all = owner === null ? [] : [owner];
    return fraction(seed, slot, SALT + 35) < 0.3 && other !== owner ? [...all, other] : all;
  }

  #stageChanges(row: OpportunityRow): readonly StageChange[] {
    const { seed, users } = this.#world;
    const user = fraction(seed, row.slot, SALT + 36) < 0.6 ? undefined : integer(seed, row.slot, SALT + 37, users);
    const start = row.stage >= FIRST_APPLICANT_STAGE ? FIRST_APPLICANT_STAGE : 0;
    const changes: StageChange[] = [{ stage: start, at: row.createdAt, user }];
    if (row.stage !== start) changes.push({ stage: row.stage, at: row.advancedAt, user });
    return changes;
  }

  #between(from: number, to: number, slot: number, salt: number, atMost: number): number {
    return from + Math.floor(fraction(this.#world.seed, slot, salt) * Math.max(0, Math.min(to - from, atMost)));
  }
}

/** The tags that an opportunity gains from its posting. */
export function tagsOf(posting: Posting): readonly string[] {
  return [...new Set([posting.text, posting.department, posting.team, posting.location, posting.commitment])];
}
