const READ_AND_WRITE: Readonly<Record<string, string>> = {
  contact: 'contact information',
  feedback: 'feedback forms',
  feedback_templates: 'feedback templates',
  files: 'files on opportunities',
  forms: 'profile forms',
  form_templates: 'profile form templates',
  groups: 'groups',
  interviews: 'interviews',
  notes: 'notes',
  opportunities: 'opportunities',
  panels: 'interview panels',
  permissions: 'permissions',
  postings: 'job postings',
  requisitions: 'requisitions',
  requisition_fields: 'requisition fields',
  roles: 'roles',
  users: 'users',
  webhooks: 'webhooks',
};

const READ_ONLY: Readonly<Record<string, string>> = {
  applications: 'applications',
  archive_reasons: 'archive reasons',
  audit_events: 'audit events',
  diversity_surveys: 'diversity surveys',
  eeo_responses: 'anonymous EEO responses',
  eeo_responses_pii: 'EEO responses with personal data',
  offers: 'offers',
  referrals: 'referrals',
  resumes: 'résumés',
  sources: 'sources',
  stages: 'stages',
  tags: 'tags',
  tasks: 'tasks',
};

/** Lets a grant see confidential records. */
export const CONFIDENTIAL_SCOPE = 'confidential:access:admin';

/** Every scope, with what the consent page says of it. */
export const LEVER_SCOPES: Readonly<Record<string, string>> = {
  offline_access: 'Stay connected when nobody is signed in',
  ...both(READ_AND_WRITE),
  ...mapped(READ_ONLY, (name) => `${name}:read:admin`, 'View'),
  'uploads:write:admin': 'Upload files',
  [CONFIDENTIAL_SCOPE]: 'Access confidential data',
};

function both(resources: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    ...mapped(resources, (name) => `${name}:read:admin`, 'View'),
    ...mapped(resources, (name) => `${name}:write:admin`, 'View and change'),
  };
}

function mapped(
  resources: Readonly<Record<string, string>>,
  scope: (name: string) => string,
  verb: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(resources).map(([name, words]) => [scope(name), `${verb} ${words}`]));
}
