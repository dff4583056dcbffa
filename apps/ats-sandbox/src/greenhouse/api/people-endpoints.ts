import { SERVICE_ACCOUNT_KEY } from '../data/directory.js';
import { idOf } from '../data/ids.js';
import type { AttachmentRow, CandidateRow, UserRow } from '../data/rows.js';
import { signedLink } from '../files/signed-links.js';
import { as, fields, ofVisibleApplication } from './endpoint-parts.js';
import type { ListEndpoint } from './list-endpoint.js';
import * as scans from './scans.js';

const CANDIDATES: ListEndpoint = {
  resource: 'candidates',
  fields: fields(
    'first_name last_name preferred_name company title last_activity_at private can_email time_zone ' +
      'tags linked_user_ids phone_numbers addresses email_addresses website_addresses ' +
      'social_media_addresses custom_fields',
  ),
  filters: {
    last_activity_at: { type: 'date-time' },
    custom_field_option_id: { type: 'integer', of: () => undefined },
    private: { type: 'boolean' },
    email: { type: 'string', of: (row) => as<CandidateRow>(row).email_addresses.map(({ value }) => value) },
    tag: { type: 'string', of: (row) => as<CandidateRow>(row).tags },
  },
  rows: scans.scanCandidates,
  shown: (row, account) => as<CandidateRow>(row).private !== true || account.greenhouseKnobs().privateStub,
  render: (row) =>
    as<CandidateRow>(row).private === true
      ? { message: 'You do not have permission to view this candidate' }
      : { ...row },
};

const ATTACHMENTS: ListEndpoint = {
  resource: 'attachments',
  fields: fields('application_id candidate_id type filename url'),
  filters: {
    application_ids: { type: 'ids' },
    candidate_ids: { type: 'ids' },
    type: {
      type: [
        'resume',
        'cover_letter',
        'take_home_test',
        'offer_packet',
        'offer_letter',
        'signed_offer_letter',
        'other',
        'form_attachment',
        'midfunnel_agreement',
        'automated_agreement',
      ],
    },
  },
  rows: scans.scanAttachments,
  shown: (row, account) =>
    !account.store.isPrivate(as<AttachmentRow>(row).candidate_id) && ofVisibleApplication(row, account),
  render: (row, { account, origin, nowMs }) => ({
    ...row,
    url: signedLink(account, as<AttachmentRow>(row), origin, nowMs),
  }),
};

const USERS: ListEndpoint = {
  resource: 'users',
  fields: fields(
    'first_name last_name primary_email job_title agency_id name deactivated site_admin employee_id ' +
      'linked_candidate_ids office_ids department_ids interviewer_tags emails custom_fields',
  ),
  filters: {
    agency_ids: { type: 'ids' },
    office_ids: { type: 'ids' },
    department_ids: { type: 'ids' },
    linked_candidate_ids: { type: 'ids' },
    interviewer_tag_ids: { type: 'ids', of: (row) => as<UserRow>(row).interviewer_tags.map(({ id }) => id) },
    employee_ids: { type: 'strings' },
    custom_field_option_id: { type: 'integer', of: () => undefined },
    deactivated: { type: 'boolean' },
    primary_email: { type: 'string' },
    external_office_id: { type: 'string', of: () => undefined },
    external_department_id: { type: 'string', of: () => undefined },
    // Decides who is shown and excludes nobody of them.
    show_service_accounts: { type: 'boolean', of: () => [true, false] },
  },
  rows: (account, _filters, below) => account.store.users.descend(below),
  shown: (row, _account, filters) => {
    const asked = filters.get('show_service_accounts');
    return row.id !== idOf('users', SERVICE_ACCOUNT_KEY) || (asked?.kind === 'value' && asked.value === true);
  },
};

/** People, their files, and the users who hire them. */
export const PEOPLE_ENDPOINTS: readonly ListEndpoint[] = [CANDIDATES, ATTACHMENTS, USERS];
