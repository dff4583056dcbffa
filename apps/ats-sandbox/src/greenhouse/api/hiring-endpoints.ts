import type { ApplicationRow, ApplicationStageRow, JobRow, RejectionDetailRow, Row } from '../data/rows.js';
import { as, fields, ofVisibleApplication, ofVisibleJob } from './endpoint-parts.js';
import type { ListEndpoint } from './list-endpoint.js';
import * as scans from './scans.js';

const DAY_MS = 86_400_000;

const JOBS: ListEndpoint = {
  resource: 'jobs',
  fields: fields(
    'name requisition_id notes confidential status opened_at closed_at is_template copied_from_id ' +
      'department_id office_ids custom_fields',
  ),
  filters: {
    opened_at: { type: 'date-time' },
    closed_at: { type: 'date-time' },
    requisition_id: { type: 'string' },
    department_id: { type: 'integer' },
    office_id: { type: 'integer', of: (row) => as<JobRow>(row).office_ids },
    custom_field_option_id: { type: 'integer', of: () => undefined },
    confidential: { type: 'boolean' },
    status: { type: ['open', 'draft', 'closed'] },
  },
  rows: (account, _filters, below) => account.store.jobs.descend(below),
  shown: (row) => !as<JobRow>(row).confidential,
};

const JOB_POSTS: ListEndpoint = {
  resource: 'job_posts',
  fields: fields(
    'title internal active live featured first_published_at content internal_content language ' +
      'public_url demographic_question_set_id job_id job_board_id location questions',
  ),
  filters: {
    job_ids: { type: 'ids' },
    job_board_ids: { type: 'ids' },
    active: { type: 'boolean' },
    featured: { type: 'boolean' },
    live: { type: 'boolean' },
    internal: { type: 'boolean' },
  },
  rows: scans.smallScan('job_posts'),
  // Posts that were taken down are listed only to those who ask for them.
  shown: (row, account, filters) =>
    ofVisibleJob(row, account) && (filters.has('active') || as<Row & { active: boolean }>(row).active),
};

const JOB_INTERVIEW_STAGES: ListEndpoint = {
  resource: 'job_interview_stages',
  fields: fields('job_id sort_order name active'),
  filters: { job_ids: { type: 'ids' }, active: { type: 'boolean' } },
  rows: (account, _filters, below) => account.store.stages.descend(below),
  shown: ofVisibleJob,
};

const APPLICATIONS: ListEndpoint = {
  resource: 'applications',
  fields: fields(
    'agency_note_id candidate_id coordinator_id job_id job_post_id recruiter_id referrer_id ' +
      'source_id stage_id job_interview_stage_id stage_name status needs_decision prospect rejected_at ' +
      'last_activity_at location_address answers prospective_job_ids custom_fields',
  ),
  filters: {
    candidate_ids: { type: 'ids' },
    job_ids: { type: 'ids' },
    prospective_job_ids: { type: 'ids' },
    job_post_ids: { type: 'ids' },
    source_ids: { type: 'ids' },
    referrer_ids: { type: 'ids' },
    stage_ids: { type: 'ids' },
    job_interview_stage_ids: { type: 'ids' },
    // One value in the filter, another in the reply.
    status: {
      type: ['active', 'rejected', 'hired', 'converted'],
      of: (row) => (as<ApplicationRow>(row).status === 'in_process' ? 'active' : as<ApplicationRow>(row).status),
    },
    stage_name: { type: 'string' },
    custom_field_option_id: { type: 'integer', of: () => undefined },
    last_activity_at: { type: 'date-time' },
    prospect: { type: 'boolean' },
  },
  rows: scans.scanApplications,
  shown: (row, { store }) => !store.isConfidential(as<ApplicationRow>(row).job_id),
  render: (row, { account }) => {
    const { job_interview_stage_id: stage, ...older } = as<ApplicationRow>(row);
    return account.greenhouseKnobs().jobInterviewStageId ? { ...older, job_interview_stage_id: stage } : older;
  },
};

const APPLICATION_STAGES: ListEndpoint = {
  resource: 'application_stages',
  fields: fields('application_id job_interview_stage_id entered_at exited_at days_in_stage current'),
  filters: { application_ids: { type: 'ids' }, job_interview_stage_ids: { type: 'ids' }, current: { type: 'boolean' } },
  rows: scans.scanApplicationStages,
  // The days of the current stage go on as time does.
  render: (row, { nowMs }) => {
    const { current, entered_at: entered, created_at: created, days_in_stage: days } = as<ApplicationStageRow>(row);
    return {
      ...row,
      days_in_stage: current ? Math.max(0, Math.floor((nowMs - Date.parse(entered ?? created)) / DAY_MS)) : days,
    };
  },
  shown: ofVisibleApplication,
};

const REJECTION_DETAILS: ListEndpoint = {
  resource: 'rejection_details',
  fields: fields(
    'application_id rejected_by_id rejection_note_id rejection_reason_id rejected_at ' + 'question_custom_fields',
  ),
  filters: {
    application_ids: { type: 'ids', of: (row) => as<RejectionDetailRow>(row).application_id },
    rejection_reason_ids: { type: 'ids' },
    custom_field_option_id: { type: 'integer', of: () => undefined },
  },
  rows: scans.scanRejections,
  shown: ofVisibleApplication,
};

/** Jobs and how people go through them. */
export const HIRING_ENDPOINTS: readonly ListEndpoint[] = [
  JOBS,
  JOB_POSTS,
  JOB_INTERVIEW_STAGES,
  APPLICATIONS,
  APPLICATION_STAGES,
  REJECTION_DETAILS,
];
