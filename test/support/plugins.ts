/** The plugins that need no broker, for tests of packages that do not depend on them. */
export { default as mock } from '@sluice/endpoint-mock';
export { default as httpGet } from '@sluice/entrypoint-http-get';
export { default as httpPost } from '@sluice/entrypoint-http-post';
export { default as sse } from '@sluice/entrypoint-sse';
export { default as webhook } from '@sluice/entrypoint-webhook';
export { default as websocket } from '@sluice/entrypoint-websocket';
