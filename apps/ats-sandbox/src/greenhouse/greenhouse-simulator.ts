import { apiRouter } from './api/api-router.js';
import { filesRouter } from './files/files-router.js';
import { GreenhouseAccount } from './greenhouse-account.js';
import { GREENHOUSE_SCOPES } from './scopes.js';
import type { Simulator } from '../simulator.js';

/** Greenhouse, as its Harvest v3 documentation describes it. */
export const greenhouseSimulator: Simulator = {
  provider: 'greenhouse',
  createAccount: (id, options, clock) => new GreenhouseAccount(id, options, clock),
  api: apiRouter,
  files: filesRouter,
  scopes: GREENHOUSE_SCOPES,
};
