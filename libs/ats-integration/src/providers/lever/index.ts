import { defineProvider } from '../../contract.js';
import { auth } from './auth.js';
import { leverConfig } from './config.schema.js';
import { classify } from './faults.js';
import { fieldChanges } from './field-change.js';
import { manifest } from './manifest.js';
import { preflight } from './preflight.js';
import { resumes } from './resumes.js';
import { stageChanges } from './stage-change.js';
import { streams } from './sync.js';
import { webhooks } from './webhooks.js';

/** Lever (LeverTRM), Data API v1. See README.md for credentials, scopes and quirks. */
export const lever = defineProvider({
  manifest,
  config: leverConfig,
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
