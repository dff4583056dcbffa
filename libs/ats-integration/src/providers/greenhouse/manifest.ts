import type { ProviderManifest } from '../../contract.js';
import type { GreenhouseFeature } from './config.schema.js';

/** One feature each; `preflight.ts` says what is lost without it. */
export const SCOPES = [
  'harvest:jobs:list',
  'harvest:job_posts:list',
  'harvest:job_interview_stages:list',
  'harvest:applications:list',
  'harvest:application_stages:list',
  'harvest:candidates:list',
  'harvest:attachments:list',
  'harvest:users:list',
  'harvest:departments:list',
  'harvest:offices:list',
  'harvest:sources:list',
];

/** Asked for when the options say that the feature is wanted, and the app holds them. */
export const FEATURE_SCOPES: Readonly<Record<GreenhouseFeature, readonly string[]>> = {
  'stage-changes': [
    'harvest:applications:move',
    'harvest:applications:reject',
    'harvest:applications:unreject',
    'harvest:applications:hire',
    'harvest:rejection_reasons:list',
    'harvest:rejection_details:list',
    'harvest:openings:list',
  ],
  'field-changes': ['harvest:candidates:update'],
  webhooks: ['harvest:webhooks:create', 'harvest:webhooks:list', 'harvest:webhooks:destroy'],
};

const DAY_SECONDS = 24 * 60 * 60;

export const manifest: ProviderManifest = {
  id: 'greenhouse',
  name: 'Greenhouse',
  summary: 'Jobs, candidates, applications and stages from Greenhouse Recruiting (Harvest v3).',
  documentation: {
    api: 'https://harvestdocs.greenhouse.io/reference',
    authorisation: 'https://harvestdocs.greenhouse.io/docs/authentication',
  },
  checkedOn: '2026-11-25',
  auth: {
    kind: 'oauth2',
    authorizePath: '/authorize',
    tokenPath: '/token',
    // No revocation endpoint is documented (Harvest v3 docs, OAuth for partners).
    revokePath: null,
    scopes: SCOPES,
    optionalScopes: Object.values(FEATURE_SCOPES).flat(),
    clientAuthentication: 'basic',
    pkce: 'none',
    sendsRedirectUri: true,
    accessTokenSeconds: 3600,
    // A day without a refresh and the customer must approve again (Harvest v3 docs, OAuth for partners).
    refreshTokenIdleSeconds: DAY_SECONDS,
    rotatesRefreshToken: true,
  },
  rateLimit: {
    algorithm: 'fixed-window',
    // The ceiling is not published and differs between apps; the headers of the first answer correct this one.
    limit: 50,
    windowSeconds: 30,
    headers: { limit: 'x-ratelimit-limit', remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset' },
  },
  // No list shows what was deleted; ids descend and never move, so a complete listing does.
  kinds: {
    user: { deletions: 'none' },
    job: { deletions: 'sweep' },
    stage: { deletions: 'sweep' },
    candidate: { deletions: 'sweep' },
    application: { deletions: 'sweep' },
    resume: { deletions: 'sweep' },
    'stage-stay': { deletions: 'none' },
  },
  fields: {
    job: [
      { field: 'title', label: 'Job name', direction: 'read-only' },
      { field: 'descriptionHtml', label: 'Description (from the job post)', direction: 'read-only' },
      { field: 'status', label: 'Status', direction: 'read-only' },
      { field: 'department', label: 'Department', direction: 'read-only' },
      { field: 'location', label: 'Offices', direction: 'read-only' },
      { field: 'customFields', label: 'Custom fields', direction: 'read-only' },
    ],
    candidate: [
      { field: 'firstName', label: 'First name', direction: 'bidirectional' },
      { field: 'lastName', label: 'Last name', direction: 'bidirectional' },
      // Greenhouse has no full name to write: ours is put together from the two above.
      { field: 'name', label: 'Name', direction: 'read-only' },
      { field: 'emails', label: 'E-mail addresses', direction: 'bidirectional' },
      { field: 'phones', label: 'Phone numbers', direction: 'bidirectional' },
      { field: 'headline', label: 'Title', direction: 'bidirectional' },
      { field: 'company', label: 'Company', direction: 'bidirectional' },
      { field: 'location', label: 'First address', direction: 'bidirectional' },
      { field: 'links', label: 'Websites and social media', direction: 'bidirectional' },
      { field: 'tags', label: 'Tags', direction: 'bidirectional' },
      { field: 'customFields', label: 'Custom fields', direction: 'bidirectional' },
    ],
    application: [
      { field: 'stageRemoteId', label: 'Stage', direction: 'bidirectional' },
      { field: 'status', label: 'Status (active, rejected, hired)', direction: 'bidirectional' },
      { field: 'source', label: 'Source', direction: 'read-only' },
      { field: 'ownerRemoteId', label: 'Recruiter', direction: 'read-only' },
      { field: 'customFields', label: 'Custom fields', direction: 'read-only' },
    ],
    resume: [{ field: 'filename', label: 'Résumé', direction: 'read-only' }],
  },
  stagesBelongTo: 'job',
  openJobStatuses: ['open'],
  // Rows become visible some minutes after their `updated_at`: the next window goes back an hour for them, so this one need not hold back.
  incremental: { overlapSeconds: 3600, lagSeconds: 0 },
  // Attachments are signed links into Greenhouse's file store; the documents name no host, these are the ones in use.
  fileHosts: [
    '*.greenhouse.io',
    '*.s3.amazonaws.com',
    '*.s3.us-east-1.amazonaws.com',
    '*.s3.us-west-2.amazonaws.com',
    '*.s3.eu-central-1.amazonaws.com',
  ],
};
