import type { ApplicationRow, CandidateRow } from '../data/rows.js';

/** Greenhouse webhook and Harvest docs, Anonymize: what can be erased of a person. */
export const ANONYMIZABLE_FIELDS = [
  'activity_items',
  'addresses',
  'all_offer_versions',
  'application_questions',
  'attachments',
  'candidate_stage_data',
  'coordinator',
  'credited_to',
  'custom_application_fields',
  'custom_candidate_fields',
  'custom_rejection_question_fields',
  'current_company',
  'current_title',
  'education',
  'email_addresses',
  'employment',
  'emails',
  'follow_up_reminders',
  'full_name',
  'headline',
  'inmails',
  'innotes',
  'location',
  'notes',
  'offers',
  'phone_numbers',
  'prospect_jobs',
  'prospect_offices',
  'prospect_offices_and_departments',
  'prospect_owner',
  'prospect_pool_and_stage',
  'recruiter',
  'referral_questions',
  'rejection_notes',
  'rejection_reasons',
  'scorecards_and_interviews',
  'social_media_links',
  'source',
  'tags',
  'third_party_integrations',
  'touchpoints',
  'websites',
  'match_score_reasoning',
  'identity_verification',
] as const;
export type AnonymizableField = (typeof ANONYMIZABLE_FIELDS)[number];

const OF_CANDIDATES: Readonly<Partial<Record<AnonymizableField, Partial<CandidateRow>>>> = {
  full_name: { first_name: null, last_name: null, preferred_name: null },
  current_company: { company: null },
  current_title: { title: null },
  email_addresses: { email_addresses: [] },
  phone_numbers: { phone_numbers: [] },
  addresses: { addresses: [] },
  websites: { website_addresses: [] },
  social_media_links: { social_media_addresses: [] },
  tags: { tags: [] },
  custom_candidate_fields: { custom_fields: {} },
};

const OF_APPLICATIONS: Readonly<Partial<Record<AnonymizableField, Partial<ApplicationRow>>>> = {
  source: { source_id: null },
  credited_to: { referrer_id: null },
  recruiter: { recruiter_id: null },
  coordinator: { coordinator_id: null },
  location: { location_address: null },
  application_questions: { answers: [] },
  custom_application_fields: { custom_fields: {} },
};

export function anonymizedCandidate(fields: readonly AnonymizableField[]): Partial<CandidateRow> {
  return Object.assign({}, ...fields.map((field) => OF_CANDIDATES[field] ?? {})) as Partial<CandidateRow>;
}

export function anonymizedApplication(fields: readonly AnonymizableField[]): Partial<ApplicationRow> {
  return Object.assign({}, ...fields.map((field) => OF_APPLICATIONS[field] ?? {})) as Partial<ApplicationRow>;
}
