import { DEFAULT_REJECTION_REASON_ID } from '../data/directory.js';
import type { JobRow, Row, StageRow } from '../data/rows.js';
import type { GreenhouseAccount } from '../greenhouse-account.js';
import { as, fields, ofVisibleJob } from './endpoint-parts.js';
import { HIRING_ENDPOINTS } from './hiring-endpoints.js';
import type { ListEndpoint } from './list-endpoint.js';
import { PEOPLE_ENDPOINTS } from './people-endpoints.js';
import * as scans from './scans.js';

const REJECTION_REASONS: ListEndpoint = {
  resource: 'rejection_reasons',
  fields: fields('name type'),
  filters: { include_defaults: { type: 'boolean', of: () => [true, false] } },
  rows: scans.smallScan('rejection_reasons'),
  shown: (row, _account, filters) => {
    const asked = filters.get('include_defaults');
    return row.id !== DEFAULT_REJECTION_REASON_ID || (asked?.kind === 'value' && asked.value === true);
  },
};

function small(resource: string, names: string, filters: ListEndpoint['filters'] = {}): ListEndpoint {
  return { resource, fields: fields(names), filters, rows: scans.smallScan(resource) };
}

function jobOf(row: Row, { jobs }: GreenhouseAccount['store']): JobRow | undefined {
  return jobs.byId(as<StageRow>(row).job_id);
}

const FIELD_TYPES = [
  'job',
  'opening',
  'standard',
  'offer',
  'compensation_frequency',
  'candidate',
  'referral_question',
  'application',
  'rejection_question',
  'form',
  'agency_question',
  'user_attribute',
];

/** Every list that is served, with the filters of the vendor's reference. */
export const LIST_ENDPOINTS: readonly ListEndpoint[] = [
  ...HIRING_ENDPOINTS,
  ...PEOPLE_ENDPOINTS,
  REJECTION_REASONS,
  small('departments', 'name parent_id external_id', {
    parent_id: { type: 'integer' },
    external_id: { type: 'string' },
  }),
  small('offices', 'name parent_id external_id location primary_in_house_contact_user_id', {
    parent_id: { type: 'integer' },
    external_id: { type: 'string' },
  }),
  small('sources', 'name type'),
  {
    ...small(
      'openings',
      'job_id opened_at closed_at sort_order opening_id application_id close_reason_id target_start_on open custom_fields',
      {
        job_ids: { type: 'ids' },
        application_ids: { type: 'ids' },
        close_reason_ids: { type: 'ids' },
        opened_at: { type: 'date-time' },
        opening_id: { type: 'string' },
        open: { type: 'boolean', of: (row, { store }) => jobOf(row, store)?.status === 'open' },
      },
    ),
    shown: ofVisibleJob,
    render: (row, { account }) => {
      const job = jobOf(row, account.store);
      return { ...row, open: job?.status === 'open', closed_at: job?.closed_at ?? null };
    },
  },
  small('candidate_tags', 'name'),
  small(
    'custom_fields',
    'field_type sort_order name name_key value_type private required require_approval trigger_new_version active internal_type expose_in_job_board_api placeholder description application_type api_only use_for_job_approvals use_for_offer_approvals template_token_string default_value updated_by_id',
    {
      field_type: { type: FIELD_TYPES },
      active: { type: 'boolean' },
      name: { type: 'string' },
      name_key: { type: 'string' },
    },
  ),
  small('custom_field_options', 'custom_field_id name external_id sort_order active', {
    custom_field_ids: { type: 'ids' },
    active: { type: 'boolean' },
    custom_field_key: { type: 'string', of: () => undefined },
  }),
  {
    ...small('job_owners', 'job_id user_id type responsible', {
      user_ids: { type: 'ids' },
      job_ids: { type: 'ids' },
      type: { type: ['sourcer', 'recruiter', 'coordinator'] },
    }),
    shown: ofVisibleJob,
  },
  {
    ...small(
      'webhooks',
      'name endpoint_url event_action_type max_attempts additional_headers error_recipient_email deactivated last_delivered',
    ),
    rows: ({ webhooks }, _filters, below) =>
      webhooks
        .rows()
        .filter(({ id }) => id < below)
        .toReversed(),
  },
  {
    ...small('job_hiring_managers', 'job_id user_id', { user_ids: { type: 'ids' }, job_ids: { type: 'ids' } }),
    shown: ofVisibleJob,
  },
];
