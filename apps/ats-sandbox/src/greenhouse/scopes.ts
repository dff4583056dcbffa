import { LIST_ENDPOINTS } from './api/endpoints.js';

const WRITES: Readonly<Record<string, string>> = {
  'harvest:applications:move': 'Move applications to another stage',
  'harvest:applications:reject': 'Reject applications',
  'harvest:applications:unreject': 'Take back rejections',
  'harvest:applications:hire': 'Mark applications as hired',
  'harvest:applications:update': 'Change applications',
  'harvest:applications:destroy': 'Delete applications',
  'harvest:rejection_details:update': 'Change the reasons of rejections',
  'harvest:candidates:update': 'Change candidates',
  'harvest:candidates:destroy': 'Delete candidates',
  'harvest:candidates:merge': 'Merge candidates',
  'harvest:candidates:anonymize': 'Anonymize candidates',
  'harvest:webhooks:create': 'Create webhooks',
  'harvest:webhooks:update': 'Change webhooks',
  'harvest:webhooks:destroy': 'Delete webhooks',
};

/** Every scope that an app may be given, with what a consent page says of it. */
export const GREENHOUSE_SCOPES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    LIST_ENDPOINTS.map(({ resource }) => [`harvest:${resource}:list`, `List ${resource.replaceAll('_', ' ')}`]),
  ),
  ...WRITES,
};
