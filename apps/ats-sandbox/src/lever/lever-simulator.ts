import express, { Router, type ErrorRequestHandler } from 'express';
import type { SandboxClock } from '../server/sandbox-clock.js';
import type { AccessTokens, AccountOptions, SimulatedAccount, Simulator } from '../simulator.js';
import { guarded, type ApiHandler, type Gate } from './api-request.js';
import { LeverAccount } from './lever-account.js';
import { notFound } from './lever-error.js';
import * as opportunities from './opportunity-routes.js';
import * as reference from './reference-routes.js';
import { LEVER_SCOPES } from './scopes.js';
import * as webhooks from './webhook-routes.js';
import * as writes from './write-routes.js';

/** Paths with a word where others have an id come first. */
const READS: readonly (readonly [path: string, resource: string, handle: ApiHandler])[] = [
  ['/opportunities', 'opportunities', opportunities.listOpportunities],
  ['/opportunities/deleted', 'opportunities', opportunities.listDeletedOpportunities],
  ['/opportunities/:id', 'opportunities', opportunities.getOpportunity],
  ['/opportunities/:id/applications', 'applications', opportunities.listApplications],
  ['/opportunities/:id/applications/:application', 'applications', opportunities.getApplication],
  ['/opportunities/:id/resumes', 'resumes', opportunities.listResumes],
  ['/opportunities/:id/resumes/:resume', 'resumes', opportunities.getResume],
  ['/opportunities/:id/resumes/:resume/download', 'resumes', opportunities.downloadResume],
  ['/opportunities/:id/files', 'files', opportunities.listFiles],
  ['/applications/deleted', 'applications', opportunities.listDeletedApplications],
  ['/contacts/:id', 'contact', opportunities.getContact],
  ['/postings', 'postings', reference.listPostings],
  ['/postings/deleted', 'postings', reference.listDeletedPostings],
  ['/postings/:id', 'postings', reference.getPosting],
  ['/stages', 'stages', reference.listStages],
  ['/stages/:id', 'stages', reference.getStage],
  ['/archive_reasons', 'archive_reasons', reference.listArchiveReasons],
  ['/archive_reasons/:id', 'archive_reasons', reference.getArchiveReason],
  ['/users', 'users', reference.listUsers],
  ['/users/:id', 'users', reference.getUser],
  ['/tags', 'tags', reference.listTags],
  ['/sources', 'sources', reference.listSources],
  ['/webhooks', 'webhooks', webhooks.listWebhooks],
];

const WRITES: readonly (readonly [
  method: 'put' | 'post' | 'delete',
  path: string,
  resource: string,
  handle: ApiHandler,
])[] = [
  ['put', '/opportunities/:id/stage', 'opportunities', writes.putStage],
  ['put', '/opportunities/:id/archived', 'opportunities', writes.putArchived],
  ['post', '/opportunities/:id/addTags', 'opportunities', writes.addTags],
  ['post', '/opportunities/:id/removeTags', 'opportunities', writes.removeTags],
  ['post', '/opportunities/:id/addSources', 'opportunities', writes.addSources],
  ['post', '/opportunities/:id/removeSources', 'opportunities', writes.removeSources],
  ['post', '/opportunities/:id/addLinks', 'opportunities', writes.addLinks],
  ['post', '/opportunities/:id/removeLinks', 'opportunities', writes.removeLinks],
  ['put', '/contacts/:id', 'contact', writes.putContact],
  ['post', '/webhooks', 'webhooks', webhooks.postWebhook],
  ['put', '/webhooks', 'webhooks', webhooks.putWebhooks],
  ['delete', '/webhooks/:id', 'webhooks', webhooks.deleteWebhook],
];

const badBody: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof SyntaxError)) return next(error);
  response.status(400).json({ code: 'BadRequestError', message: 'The body is not valid JSON' });
};

/** Lever with its Data API v1. */
export const leverSimulator: Simulator = {
  provider: 'lever',
  scopes: LEVER_SCOPES,
  createAccount: (id: string, options: AccountOptions, clock: SandboxClock): SimulatedAccount =>
    new LeverAccount(id, options, clock),
  api(accounts: ReadonlyMap<string, SimulatedAccount>, tokens: AccessTokens, clock: SandboxClock): Router {
    const gate: Gate = { accounts, tokens, clock };
    const router = Router();
    for (const [path, resource, handle] of READS)
      router.get(path, guarded(gate, `GET ${path}`, `${resource}:read:admin`, handle));
    router.use(express.json(), badBody);
    for (const [method, path, resource, handle] of WRITES) {
      router[method](path, guarded(gate, `${method.toUpperCase()} ${path}`, `${resource}:write:admin`, handle));
    }
    router.use(
      guarded(gate, 'unknown', undefined, () => {
        throw notFound('route', 'for this path');
      }),
    );
    return router;
  },
};
