import { fraction, integer, pick } from '../../randomness/random.js';
import { CUSTOM_FIELDS, customFieldValues } from './custom-fields.js';
import { iso, type Frame } from './frame.js';
import { idOf, type Resource } from './ids.js';
import type { JobPlan } from './job-plan.js';
import type { JobRow, Row, UserRow } from './rows.js';
import { DEPARTMENTS, FIRST_NAMES, LAST_NAMES, OFFICES, REJECTION_REASONS, SOURCES, TAGS } from './vocabulary.js';

const DAY_MS = 86_400_000;

/** Position of the service account: a Site Admin without an address, whom the list of users leaves out by default. */
export const SERVICE_ACCOUNT_KEY = 0;

function rows<Made extends object>(
  frame: Frame,
  resource: Resource,
  count: number,
  make: (key: number) => Made,
): (Row & Made)[] {
  return Array.from({ length: count }, (_, key) => {
    const at = iso(frame.startMs - 300 * DAY_MS + key * DAY_MS);
    return { id: idOf(resource, key), created_at: at, updated_at: at, ...make(key) };
  });
}

export function departmentRows(frame: Frame): Row[] {
  return rows(frame, 'departments', DEPARTMENTS.length, (key) => ({
    name: DEPARTMENTS[key] ?? '',
    parent_id: key === 1 ? idOf('departments', 0) : null,
    external_id: key % 2 === 0 ? `D-${key + 1}` : null,
  }));
}

export function officeRows(frame: Frame): Row[] {
  return rows(frame, 'offices', OFFICES.length, (key) => ({
    name: OFFICES[key] ?? '',
    parent_id: null,
    external_id: key % 2 === 0 ? `O-${key + 1}` : null,
    location: key === OFFICES.length - 1 ? null : `${OFFICES[key] ?? ''}, Example`,
    primary_in_house_contact_user_id: key === 0 ? idOf('users', 1) : null,
  }));
}

export function userRows(frame: Frame): UserRow[] {
  const count = 8 + Math.min(40, Math.floor(frame.jobs / 4));
  return rows(frame, 'users', count, (key) => {
    const service = key === SERVICE_ACCOUNT_KEY;
    const first = service ? 'Integration' : key === 1 ? 'Rae' : pick(FIRST_NAMES, frame.seed, key, 301);
    const last = service ? 'Service Account' : key === 1 ? 'Kim' : pick(LAST_NAMES, frame.seed, key, 302);
    const email = service ? '' : key === 1 ? 'rae.kim@example.test' : `user.${key}@account-${frame.seed}.example.test`;
    return {
      first_name: first,
      last_name: last,
      primary_email: email,
      job_title: key % 3 === 0 ? null : 'Recruiter',
      agency_id: null,
      name: `${first} ${last}`,
      deactivated: key === 5 || (key > 7 && fraction(frame.seed, key, 303) < 0.15),
      site_admin: key <= 2,
      employee_id: key % 2 === 1 ? `E${key}` : null,
      linked_candidate_ids: [],
      office_ids: [idOf('offices', key % OFFICES.length)],
      department_ids: [idOf('departments', key % DEPARTMENTS.length)],
      interviewer_tags: [],
      emails: service ? [] : [email],
      custom_fields: customFieldValues('user_attribute', frame.seed, key),
    };
  });
}

export function sourceRows(frame: Frame): Row[] {
  return rows(frame, 'sources', SOURCES.length, (key) => ({
    name: SOURCES[key] ?? '',
    type: key === 0 ? { id: 1, name: 'Referral' } : { id: 2, name: 'Third-party boards' },
  }));
}

/** The organisation's own reasons, then the vendor's default, which `include_defaults=true` adds. */
export function rejectionReasonRows(frame: Frame): Row[] {
  return rows(frame, 'rejection_reasons', REJECTION_REASONS.length + 1, (key) => ({
    name: REJECTION_REASONS[key] ?? 'Other (add notes below)',
    type:
      key === 2
        ? { id: 2, key: 'they_rejected_us', name: 'They rejected us' }
        : { id: 1, key: 'we_rejected_them', name: 'We rejected them' },
  }));
}

export const DEFAULT_REJECTION_REASON_ID = idOf('rejection_reasons', REJECTION_REASONS.length);

export function tagRows(frame: Frame): Row[] {
  return rows(frame, 'candidate_tags', TAGS.length, (key) => ({ name: TAGS[key] ?? '' }));
}

export function customFieldRows(frame: Frame): Row[] {
  return rows(frame, 'custom_fields', CUSTOM_FIELDS.length, (key) => {
    const field = CUSTOM_FIELDS[key];
    return {
      field_type: field?.fieldType ?? 'candidate',
      sort_order: key,
      name: field?.name ?? '',
      name_key: field?.nameKey ?? '',
      value_type: field?.valueType ?? 'short_text',
      private: field?.nameKey === 'desired_salary',
      required: false,
      require_approval: false,
      trigger_new_version: false,
      active: true,
      updated_by_id: null,
      internal_type: field?.nameKey === 'employment_type' ? 'employment_type' : null,
      expose_in_job_board_api: false,
      placeholder: null,
      description: null,
      application_type: field?.fieldType === 'application' ? 'all_applications' : null,
      api_only: false,
      use_for_job_approvals: null,
      use_for_offer_approvals: null,
      template_token_string: null,
      default_value: null,
    };
  });
}

export function customFieldOptionRows(frame: Frame): Row[] {
  const options = CUSTOM_FIELDS.flatMap((field, fieldKey) =>
    (field.options ?? []).map((name, position) => ({ name, position, fieldKey })),
  );
  return rows(frame, 'custom_field_options', options.length, (key) => ({
    custom_field_id: idOf('custom_fields', options[key]?.fieldKey ?? 0),
    name: options[key]?.name ?? '',
    external_id: null,
    sort_order: options[key]?.position ?? 0,
    active: true,
  }));
}

/** A post for every published job; those of closed jobs are taken down (`active` false). */
export function jobPostRows(plans: readonly JobPlan[], jobs: readonly JobRow[]): Row[] {
  return plans.flatMap((plan, key) => {
    const job = jobs[key];
    if (job === undefined || plan.status === 'draft') return [];
    return [
      {
        id: idOf('job_posts', key),
        created_at: job.created_at,
        updated_at: job.updated_at,
        title: job.name,
        internal: key % 9 === 4,
        active: plan.status === 'open',
        live: plan.status === 'open',
        featured: false,
        first_published_at: job.opened_at,
        content: '<p>Join us &amp; build things.</p>',
        internal_content: null,
        language: 'en',
        public_url: `https://boards.example/jobs/${key}`,
        demographic_question_set_id: null,
        job_id: job.id,
        job_board_id: 41_900_000_004,
        location: { type: 'free_text', name: 'Anywhere', id: null },
        questions: [
          {
            id: null,
            description: null,
            answer_type: 'short_text',
            required: true,
            private: false,
            label: 'First Name',
            name: 'first_name',
            options: [],
          },
        ],
      },
    ];
  });
}

export function jobOwnerRows(frame: Frame, jobs: readonly JobRow[]): Row[] {
  return jobs.map((job, key) => ({
    id: idOf('job_owners', key),
    created_at: job.created_at,
    updated_at: job.created_at,
    job_id: job.id,
    user_id: idOf('users', 1 + integer(frame.seed, key, 310, 3)),
    type: pick(['sourcer', 'recruiter', 'coordinator'], frame.seed, key, 311),
    responsible: true,
  }));
}

export function hiringManagerRows(frame: Frame, jobs: readonly JobRow[]): Row[] {
  return jobs.map((job, key) => ({
    id: idOf('job_hiring_managers', key),
    created_at: job.created_at,
    updated_at: job.created_at,
    user_id: idOf('users', 3 + integer(frame.seed, key, 312, 5)),
    job_id: job.id,
  }));
}

/** One for each job; whether it is open goes by the job. */
export function openingRows(jobs: readonly JobRow[]): Row[] {
  return jobs.map((job, key) => ({
    id: idOf('openings', key),
    created_at: job.created_at,
    updated_at: job.created_at,
    job_id: job.id,
    opened_at: job.opened_at,
    sort_order: 0,
    opening_id: `${key + 1}-1`,
    application_id: null,
    close_reason_id: null,
    target_start_on: null,
    custom_fields: null,
  }));
}
