import { at } from './catalogue.js';
import type { LeverState } from './lever-state.js';
import { COUNTRIES } from './names.js';
import { recordId } from './record-ids.js';
import type { Contact, OpportunityRecord, OpportunityRow, Posting, User } from './records.js';

export type View = Readonly<Record<string, unknown>>;

/** Turns records into what the API answers, key for key. */
export class Views {
  readonly #state: LeverState;

  constructor(state: LeverState) {
    this.#state = state;
  }

  opportunity(record: OpportunityRecord): View {
    const { seed, stages } = this.#state;
    const contact = this.#state.contact(record.contact);
    const id = recordId(seed, record.slot, 'opportunity');
    return {
      id,
      name: contact.name,
      contact: recordId(seed, contact.index, 'contact'),
      headline: contact.headline,
      stage: at(stages, record.stage).id,
      confidentiality: confidentiality(record.confidential),
      location: contact.location,
      phones: contact.phones,
      emails: contact.emails,
      links: contact.links,
      archived: this.#archived(record),
      tags: record.tags,
      sources: record.sources,
      stageChanges: record.stageChanges.map((change) => ({
        toStageId: at(stages, change.stage).id,
        toStageIndex: change.stage,
        updatedAt: change.at,
        ...(change.user === undefined ? {} : { userId: this.userId(change.user) }),
      })),
      origin: record.origin,
      sourcedBy: this.#optionalUser(record.sourcedBy),
      owner: this.#optionalUser(record.owner),
      followers: record.followers.map((user) => this.userId(user)),
      applications: record.posting < 0 ? [] : [recordId(seed, record.slot, 'application')],
      createdAt: record.createdAt,
      updatedAt: record.updatedAt,
      lastInteractionAt: record.interactedAt,
      lastAdvancedAt: record.advancedAt,
      snoozedUntil: record.snoozedUntil,
      urls: { list: 'https://hire.lever.co/candidates', show: `https://hire.lever.co/candidates/${id}` },
      isAnonymized: contact.isAnonymized,
      dataProtection: null,
      ...(record.posting < 0 ? {} : { opportunityLocation: this.#state.posting(record.posting).location }),
    };
  }

  contact(contact: Contact): View {
    return {
      id: recordId(this.#state.seed, contact.index, 'contact'),
      name: contact.name,
      headline: contact.headline,
      isAnonymized: contact.isAnonymized,
      location: { name: contact.location },
      emails: contact.emails,
      phones: contact.phones,
      dataProtection: { interviewIntelligence: { allowed: true, expiresAt: null } },
    };
  }

  /** The application of an opportunity that has one. */
  application(record: OpportunityRecord): View {
    const { seed } = this.#state;
    const contact = this.#state.contact(record.contact);
    const posting = this.#state.posting(record.posting);
    const byPosting = record.origin === 'applied' || record.origin === 'agency';
    const opportunity = recordId(seed, record.slot, 'opportunity');
    return {
      id: recordId(seed, record.slot, 'application'),
      type: byPosting ? 'posting' : record.origin === 'referred' ? 'referral' : 'user',
      candidateId: opportunity,
      opportunityId: opportunity,
      posting: posting.id,
      postingHiringManager: this.#optionalUser(posting.hiringManager),
      postingOwner: this.userId(posting.owner),
      name: byPosting ? contact.name : null,
      company: null,
      phone: byPosting ? (contact.phones[0] ?? null) : null,
      email: byPosting ? (contact.emails[0] ?? null) : null,
      links: byPosting ? contact.links : [],
      comments: null,
      user: byPosting ? null : this.#optionalUser(record.owner),
      customQuestions: [],
      createdAt: record.createdAt,
      archived: this.#archived(record),
      requisitionForHire: null,
      ipAddress: null,
      referer: null,
      userAgent: null,
      acceptLanguage: null,
      timezone: null,
    };
  }

  posting(posting: Posting): View {
    const description = `${posting.text} at Synthetic Example Co.`;
    const link = `https://jobs.lever.co/sandbox/${posting.id}`;
    const advertised = posting.state === 'published' || posting.state === 'internal' || posting.state === 'closed';
    return {
      id: posting.id,
      text: posting.text,
      state: posting.state,
      distributionChannels: posting.distributionChannels,
      user: this.userId(posting.owner),
      owner: this.userId(posting.owner),
      hiringManager: this.#optionalUser(posting.hiringManager),
      categories: {
        commitment: posting.commitment,
        department: posting.department,
        level: null,
        location: posting.location,
        team: posting.team,
        allLocations: [posting.location],
      },
      tags: [],
      content: {
        description: `${description}\n`,
        descriptionHtml: `<div>${description}</div>`,
        lists: [],
        closing: '',
        closingHtml: '',
      },
      country: COUNTRIES[posting.location] ?? 'US',
      followers: [this.userId(posting.owner)],
      reqCode: null,
      requisitionCodes: [],
      urls: advertised ? { list: 'https://jobs.lever.co/sandbox', show: link, apply: `${link}/apply` } : null,
      confidentiality: confidentiality(posting.confidential),
      createdAt: posting.createdAt,
      updatedAt: posting.updatedAt,
      workplaceType: posting.workplaceType,
      ...(posting.salaried
        ? { salaryRange: { min: 60_000, max: 90_000, currency: 'EUR', interval: 'per-year-salary' } }
        : {}),
      transcribeInterviews: false,
      screening: { enabled: false },
    };
  }

  user(user: User): View {
    return {
      id: user.id,
      name: user.name,
      username: user.username,
      email: user.email,
      accessRole: user.accessRole,
      photo: null,
      createdAt: user.createdAt,
      deactivatedAt: user.deactivatedAt,
      externalDirectoryId: null,
      linkedContactIds: null,
      jobTitle: user.jobTitle,
      managerId: null,
    };
  }

  userId(index: number): string {
    return at(this.#state.users, index).id;
  }

  #optionalUser(index: number | null): string | null {
    return index === null ? null : this.userId(index);
  }

  #archived(row: OpportunityRow): View | null {
    if (row.archived === null) return null;
    return { reason: at(this.#state.reasons, row.archived.reason).id, archivedAt: row.archived.at };
  }
}

/** How a confidential record is marked. */
export function confidentiality(confidential: boolean): 'confidential' | 'non-confidential' {
  return confidential ? 'confidential' : 'non-confidential';
}
