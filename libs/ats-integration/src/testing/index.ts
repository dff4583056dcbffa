/** `@elly/ats-integration/testing`: what a plugin author proves a provider with. */
export type {
  ProviderContextOptions,
  Responder,
  ScriptedAnswer,
  SentRequest,
  TestContext,
} from './provider-context.js';
export { createProviderContext } from './provider-context.js';
export { readStream } from './read-stream.js';
