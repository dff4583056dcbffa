import { defineProvider } from '../../contract.js';
import { auth } from './auth.js';
import { greenhouseConfig } from './config.schema.js';
import { classify } from './faults.js';
import { fieldChanges } from './field-change.js';
import { manifest } from './manifest.js';
import { preflight } from './preflight.js';
import { resumes } from './resumes.js';
import { stageChanges } from './stage-change.js';
import { streams } from './sync.js';
import { webhooks } from './webhooks.js';

/** Greenhouse Recruiting, Harvest v3. See README.md for credentials, scopes and quirks. */
export const greenhouse = defineProvider({
  manifest,
  config: greenhouseConfig,
  apiUrl: (config) => config.apiUrl,
  authUrl: (config) => config.authUrl,
  auth,
  streams,
  resumes,
  stageChanges,
  fieldChanges,
  webhooks,
  classify,
  preflight,
});
