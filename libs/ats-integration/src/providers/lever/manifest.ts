import type { ProviderManifest } from '../../contract.js';

export const CONFIDENTIAL_SCOPE = 'confidential:access:admin';

/** What writing needs. A `write` scope includes the `read` one of the same name (Lever OAuth docs). */
export const WRITE_SCOPES = {
  opportunities: 'opportunities:write:admin',
  contact: 'contact:write:admin',
  webhooks: 'webhooks:write:admin',
} as const;

/** Reading, which every connection does. */
export const SCOPES = [
  'offline_access',
  'opportunities:read:admin',
  'applications:read:admin',
  'postings:read:admin',
  'stages:read:admin',
  'archive_reasons:read:admin',
  'users:read:admin',
  'resumes:read:admin',
];

const DAY_SECONDS = 24 * 60 * 60;

export const manifest: ProviderManifest = {
  id: 'lever',
  name: 'Lever',
  summary: 'Postings, opportunities and stages from LeverTRM (Lever Hire).',
  documentation: {
    api: 'https://hire.lever.co/developer/documentation',
    authorisation: 'https://hire.lever.co/developer/documentation#authentication',
  },
  checkedOn: '2026-11-23',
  auth: {
    kind: 'oauth2',
    authorizePath: '/authorize',
    tokenPath: '/oauth/token',
    // No revocation endpoint is documented: an admin removes the app in Lever's settings (Lever OAuth guide).
    revokePath: null,
    scopes: SCOPES,
    optionalScopes: [...Object.values(WRITE_SCOPES), CONFIDENTIAL_SCOPE],
    clientAuthentication: 'body',
    pkce: 'none',
    sendsRedirectUri: true,
    accessTokenSeconds: 3600,
    refreshTokenIdleSeconds: 90 * DAY_SECONDS,
    rotatesRefreshToken: true,
  },
  // Lever Data API docs, Rate limits: 10 requests a second, bursts up to 20. No header says what is left.
  rateLimit: { algorithm: 'token-bucket', capacity: 20, refillPerSecond: 10 },
  kinds: {
    // Users are deactivated, never deleted.
    user: { deletions: 'none' },
    // The list of deleted postings reaches back 30 days only.
    job: { deletions: 'sweep' },
    stage: { deletions: 'sweep' },
    // Not a sweep: the list is ordered by stage, so an opportunity that moves during a full scan can be missed by it.
    application: { deletions: 'feed' },
    candidate: { deletions: 'none' },
    resume: { deletions: 'none' },
    'stage-stay': { deletions: 'none' },
  },
  fields: {
    job: [
      { field: 'title', label: 'Job title', direction: 'read-only' },
      { field: 'descriptionHtml', label: 'Description', direction: 'read-only' },
      { field: 'status', label: 'Status', direction: 'read-only' },
      { field: 'department', label: 'Department', direction: 'read-only' },
      { field: 'location', label: 'Location', direction: 'read-only' },
      { field: 'customFields', label: 'Commitment, team, work place, requisition codes', direction: 'read-only' },
    ],
    candidate: [
      { field: 'name', label: 'Name', direction: 'bidirectional' },
      { field: 'headline', label: 'Headline', direction: 'bidirectional' },
      { field: 'emails', label: 'E-mail addresses', direction: 'bidirectional' },
      { field: 'phones', label: 'Phone numbers', direction: 'bidirectional' },
      { field: 'location', label: 'Location', direction: 'bidirectional' },
      // Added and removed one request at a time, on an opportunity: no change of them is one write.
      { field: 'links', label: 'Links', direction: 'read-only' },
    ],
    application: [
      { field: 'stageRemoteId', label: 'Stage', direction: 'bidirectional' },
      { field: 'status', label: 'Status (active, archived, hired)', direction: 'bidirectional' },
      { field: 'statusReason', label: 'Archive reason', direction: 'bidirectional' },
      { field: 'source', label: 'Source', direction: 'read-only' },
      { field: 'ownerRemoteId', label: 'Owner', direction: 'read-only' },
      { field: 'customFields', label: 'Tags, origin, answers of the application form', direction: 'read-only' },
    ],
    resume: [{ field: 'filename', label: 'Résumé', direction: 'read-only' }],
  },
  stagesBelongTo: 'account',
  // `internal` is "unlisted" in Lever's own pages: it takes candidates like a published one.
  openJobStatuses: ['published', 'internal'],
  // `updated_at` filters are inclusive; the overlap catches rows that became visible late, so no lag is needed.
  incremental: { overlapSeconds: 600, lagSeconds: 0 },
  // Résumés come from the API itself.
  fileHosts: [],
};
