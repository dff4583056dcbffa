import { fraction, integer, pick } from '../../randomness/random.js';
import { floor, max, min } from './arithmetic.js';
import type { ApplicationGenerator } from './application-generator.js';
import { customFieldValues } from './custom-fields.js';
import { ATTACHMENTS_PER_SLOT, LIFETIME_MS, applicationShift, iso, slotTime, type Frame } from './frame.js';
import { idOf } from './ids.js';
import type { AttachmentRow, AttachmentType, CandidateRow, TypedValue } from './rows.js';
import { CITIES, COMPANIES, FIRST_NAMES, LAST_NAMES, TAGS, TIME_ZONES, TITLES } from './vocabulary.js';

const PRIVATE_SHARE = 0.02;
const RESUME_SHARE = 0.6;

/** People and their files by position. */
export class CandidateGenerator {
  readonly #frame: Frame;
  readonly #applications: ApplicationGenerator;

  constructor(frame: Frame, applications: ApplicationGenerator) {
    this.#frame = frame;
    this.#applications = applications;
  }

  get size(): number {
    return this.#frame.candidates;
  }

  isPrivate(key: number): boolean {
    return fraction(this.#frame.seed, key, 200) < PRIVATE_SHARE;
  }

  updatedMs(key: number): number {
    const createdMs = slotTime(this.#frame, key, 0);
    if (fraction(this.#frame.seed, key, 201) < 0.6) return createdMs;
    return floor(createdMs + min(this.#frame.baseMs - createdMs, LIFETIME_MS * fraction(this.#frame.seed, key, 202)));
  }

  row(key: number): CandidateRow | undefined {
    if (key < 0 || key >= this.size) return undefined;
    const { seed } = this.#frame;
    const createdMs = slotTime(this.#frame, key, 0);
    const updatedMs = this.updatedMs(key);
    const activityMs = this.#applications.keysOf(key).reduce((latest, application) => {
      return max(latest, this.#applications.facts(application)?.activityMs ?? 0);
    }, createdMs);
    const has = (salt: number, share: number): boolean => fraction(seed, key, salt) < share;
    return {
      id: idOf('candidates', key),
      created_at: iso(createdMs),
      updated_at: iso(updatedMs),
      first_name: pick(FIRST_NAMES, seed, key, 203),
      last_name: pick(LAST_NAMES, seed, key, 204),
      preferred_name: has(205, 0.1) ? pick(FIRST_NAMES, seed, key, 206) : null,
      company: has(207, 0.7) ? pick(COMPANIES, seed, key, 208) : null,
      title: has(209, 0.7) ? pick(TITLES, seed, key, 210) : null,
      last_activity_at: iso(activityMs),
      private: this.isPrivate(key),
      can_email: has(211, 0.95),
      time_zone: has(212, 0.3) ? pick(TIME_ZONES, seed, key, 213) : null,
      tags: has(214, 0.3) ? [pick(TAGS, seed, key, 215)] : [],
      linked_user_ids: [],
      phone_numbers: this.#phones(key),
      addresses: has(216, 0.3) ? [{ value: pick(CITIES, seed, key, 217), type: 'home' }] : [],
      email_addresses: this.#emails(key),
      website_addresses: has(218, 0.15) ? [{ value: `https://people.example/${key}`, type: 'personal' }] : [],
      social_media_addresses: has(219, 0.3) ? [{ value: `https://social.example/in/person-${key}` }] : [],
      custom_fields: customFieldValues('candidate', seed, key),
    };
  }

  /** The file at a position: three of the first application, and a fresh résumé with the second one. */
  attachment(key: number): AttachmentRow | undefined {
    const part = key % ATTACHMENTS_PER_SLOT;
    const slot = (key - part) / ATTACHMENTS_PER_SLOT;
    if (key < 0 || slot >= this.size) return undefined;
    const { seed } = this.#frame;
    if (part < 3) {
      const type = this.#fileType(slot, part);
      if (type === undefined) return undefined;
      return this.#file(key, slot, slot * 3, type, slotTime(this.#frame, slot, 0) + part * 7);
    }
    const candidate = this.#applications.candidateAt(slot * 3 + 1);
    if (candidate === undefined || fraction(seed, candidate, 223) >= 0.3) return undefined;
    return this.#file(key, candidate, slot * 3 + 1, 'resume', slotTime(this.#frame, slot, 1));
  }

  attachmentKeysOf(candidate: number): readonly number[] {
    const keys = [0, 1, 2].map((part) => candidate * ATTACHMENTS_PER_SLOT + part);
    const later = candidate + applicationShift(this.#frame, candidate, 1);
    if (later < this.size) keys.push(later * ATTACHMENTS_PER_SLOT + 3);
    return keys.filter((key) => this.attachment(key) !== undefined && this.ownerOfAttachment(key) === candidate);
  }

  ownerOfAttachment(key: number): number | undefined {
    const part = key % ATTACHMENTS_PER_SLOT;
    const slot = (key - part) / ATTACHMENTS_PER_SLOT;
    return part < 3 ? slot : this.#applications.candidateAt(slot * 3 + 1);
  }

  #fileType(candidate: number, part: number): AttachmentType | undefined {
    const { seed } = this.#frame;
    if (part === 0) return fraction(seed, candidate, 220) < RESUME_SHARE ? 'resume' : undefined;
    if (part === 1) return fraction(seed, candidate, 221) < 0.2 ? 'cover_letter' : undefined;
    return fraction(seed, candidate, 222) < 0.08 ? 'other' : undefined;
  }

  #file(key: number, candidate: number, application: number, type: AttachmentType, createdMs: number): AttachmentRow {
    const surname = pick(LAST_NAMES, this.#frame.seed, candidate, 204).replaceAll(' ', '_');
    return {
      id: idOf('attachments', key),
      created_at: iso(createdMs),
      updated_at: iso(createdMs),
      application_id: idOf('applications', application),
      candidate_id: idOf('candidates', candidate),
      type,
      filename: `${surname}_${type}${key % ATTACHMENTS_PER_SLOT === 3 ? '_new' : ''}.pdf`,
    };
  }

  #emails(key: number): readonly TypedValue[] {
    const share = fraction(this.#frame.seed, key, 224);
    if (share < 0.04) return [];
    const personal = { value: `candidate.${this.#frame.seed}.${key}@example.test`, type: 'personal' };
    if (share < 0.85) return [personal];
    return [personal, { value: `candidate.${this.#frame.seed}.${key}@work.example`, type: 'work' }];
  }

  #phones(key: number): readonly TypedValue[] {
    const share = fraction(this.#frame.seed, key, 225);
    const number = (salt: number): string =>
      `+1555${String(integer(this.#frame.seed, key, salt, 10_000_000)).padStart(7, '0')}`;
    if (share < 0.25) return [];
    const mobile = { value: number(226), type: 'mobile' };
    return share < 0.85 ? [mobile] : [mobile, { value: number(227), type: 'home' }];
  }
}
