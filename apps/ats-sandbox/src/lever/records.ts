/** A person. Everything here is theirs, whichever of their opportunities shows it. */
export interface Contact {
  readonly index: number;
  readonly name: string;
  readonly headline: string;
  readonly location: string;
  readonly emails: readonly string[];
  readonly phones: readonly { readonly type: string | null; readonly value: string }[];
  readonly links: readonly string[];
  readonly isAnonymized: boolean;
}

/** What lists are sorted and filtered by, cheap enough to make a million times. */
export interface OpportunityRow {
  readonly slot: number;
  readonly contact: number;
  /** Index of the posting, -1 for a lead without application. */
  readonly posting: number;
  /** Index in pipeline order. */
  readonly stage: number;
  readonly confidential: boolean;
  readonly archived: { readonly reason: number; readonly at: number } | null;
  readonly createdAt: number;
  /** Null for a row that nobody touched since Lever began to record it. */
  readonly updatedAt: number | null;
  readonly advancedAt: number;
}

export interface StageChange {
  readonly stage: number;
  readonly at: number;
  /** Index of the user, undefined when nobody is recorded. */
  readonly user: number | undefined;
}

export interface StoredResume {
  readonly number: number;
  readonly at: number;
}

/** A whole opportunity. */
export interface OpportunityRecord extends OpportunityRow {
  readonly tags: readonly string[];
  readonly sources: readonly string[];
  readonly origin: string;
  readonly owner: number | null;
  readonly sourcedBy: number | null;
  readonly followers: readonly number[];
  readonly stageChanges: readonly StageChange[];
  readonly interactedAt: number;
  readonly snoozedUntil: number | null;
  readonly resumes: readonly StoredResume[];
}

export type PostingState = 'published' | 'internal' | 'closed' | 'draft' | 'pending' | 'rejected';

export interface Posting {
  readonly index: number;
  readonly id: string;
  readonly text: string;
  readonly state: PostingState;
  readonly distributionChannels: readonly string[] | null;
  readonly confidential: boolean;
  readonly owner: number;
  readonly hiringManager: number | null;
  readonly department: string;
  readonly team: string;
  readonly location: string;
  readonly commitment: string;
  readonly workplaceType: string;
  readonly salaried: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface User {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly email: string;
  readonly accessRole: string;
  readonly jobTitle: string | null;
  readonly createdAt: number;
  readonly deactivatedAt: number | null;
}

/** A posting that takes applicants. */
export function isOpen(posting: Posting): boolean {
  return posting.state === 'published' || posting.state === 'internal';
}
