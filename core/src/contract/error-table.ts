/** What the error table says of a key. */
export interface ErrorEntry {
  /** HTTP status. */
  readonly status: number;
  /** WebSocket close code (RFC 6455 §7.4). */
  readonly closeCode: number;
  /** Whether the same call may succeed when it is repeated unchanged. */
  readonly retryable: boolean;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** What a client is told when the thrower says nothing better. */
  readonly message: string;
  /** For docs/errors.md: when it happens, and what to do. */
  readonly about: string;
}

const bad = (status: number, message: string, about: string): ErrorEntry => ({
  status,
  closeCode: 1008,
  retryable: false,
  level: 'info',
  message,
  about,
});
const away = (status: number, message: string, about: string): ErrorEntry => ({
  status,
  closeCode: 1013,
  retryable: true,
  level: 'warn',
  message,
  about,
});
const broken = (status: number, message: string, about: string): ErrorEntry => ({
  status,
  closeCode: 1011,
  retryable: false,
  level: 'error',
  message,
  about,
});

/** Every error a client can meet, by key. Keys are those of the definition format where it has one. */
export const ERRORS = {
  BAD_REQUEST: bad(400, 'Bad request', 'The request is not valid HTTP/1.1. Mend the client.'),
  NO_CONTEXT_PATH: bad(
    404,
    'No context-path matches the request URI.',
    'No deployed API listens on this path and host. `GET /apis` on the management port lists what is deployed.',
  ),
  NO_ENTRYPOINT: bad(
    404,
    'No entrypoint matches the incoming request',
    'The API has no entrypoint for this path and Accept header.',
  ),
  METHOD_NOT_ALLOWED: bad(
    405,
    'No entrypoint of this API takes this method',
    'The Allow header of the answer names the methods that do.',
  ),
  GATEWAY_PLAN_UNRESOLVABLE: bad(
    401,
    'Unauthorized',
    'The request shows no credential that a plan of the API takes, or no plan takes its like (a selection rule, or all plans are closed). `WWW-Authenticate` says which kinds are taken.',
  ),
  API_KEY_MISSING: bad(
    401,
    'Unauthorized',
    'The plan needs an API key and the request has none. The header and the query parameter are options of the plan.',
  ),
  API_KEY_INVALID: bad(
    401,
    'Unauthorized',
    'The API key is unknown, revoked or has expired; the log says which.',
  ),
  JWT_MISSING_TOKEN: bad(
    401,
    'Unauthorized',
    'The plan needs a token and the request has none. Send `Authorization: Bearer <token>`, or `?access_token=` where headers cannot be set.',
  ),
  JWT_INVALID_TOKEN: bad(
    401,
    'Unauthorized',
    'The token is malformed, has expired, or its signature, issuer or audience is not what the plan asks; the log says which.',
  ),
  CREDENTIAL_EXPIRED: bad(
    401,
    'The credential has expired; connect again with a new one',
    'The token or key of a running stream has come to its end. Everything before it was delivered as usual; resume with the last id or cursor.',
  ),
  OPERATION_FORBIDDEN: bad(
    403,
    'This plan does not allow the operation',
    'The plan that takes the credential allows only what its `operations` name: publish, subscribe, or both.',
  ),
  SECURITY_UNAVAILABLE: away(
    503,
    'The credential cannot be checked at the moment',
    'What a plan checks credentials with, such as the key set of a token issuer, could not be read; the log has the cause. Nothing was served.',
  ),
  INCOMPATIBLE_QOS: bad(
    400,
    'Incompatible Qos between entrypoint and endpoint',
    'The quality of service asked for is not one that both sides have. It was also reported when the API was deployed, with what would work.',
  ),
  INCOMPATIBLE_QOS_CAPABILITIES: bad(
    400,
    'Incompatible Qos capabilities between entrypoint requirements and endpoint supports',
    'The endpoint lacks an ability the level needs. It was also reported when the API was deployed.',
  ),
  INVALID_PARAMETER: bad(
    400,
    'A parameter of the request is not valid',
    'A query parameter has a value that the entrypoint does not take, or stands there twice; the message says which and what would do.',
  ),
  UNSUPPORTED_ACCEPT: bad(
    400,
    'Unsupported accept header',
    'The entrypoint writes none of the media types that the Accept header names; its page in docs/plugins lists those it does.',
  ),
  START_TIME_UNSUPPORTED: bad(
    400,
    'This API cannot start reading at a time',
    'Its endpoint does not find messages by their time: the mock endpoint and the embedded cluster do not. Give a cursor, or none.',
  ),
  INVALID_CURSOR: bad(
    400,
    'The cursor is not valid',
    'A Last-Event-ID or cursor that is malformed, too long, names a topic or partition that the API does not have, or lies behind the end of one: its topic has been made again since. Send one back as it was received, or start without one.',
  ),
  CURSOR_EXPIRED: bad(
    410,
    'The cursor points to messages that are no longer held',
    'Retention has passed the cursor and `autoOffsetReset` is `none`. Start without a cursor.',
  ),
  NO_INITIAL_OFFSET: bad(
    400,
    'No cursor was given, and this API has no place to start from without one',
    '`autoOffsetReset` is `none` and neither the client nor its group has a recorded offset. Give a cursor.',
  ),
  PAYLOAD_TOO_LARGE: bad(
    413,
    'The body is larger than this gateway accepts',
    'The limit is `http.maxBodyBytes` of the gateway.',
  ),
  UNSUPPORTED_CONTENT_ENCODING: bad(
    415,
    'The Content-Encoding of the body is not supported',
    'The body is compressed in a way that is not known here; `Accept-Encoding` of the answer names those that are. Send it in one of them, or as it is.',
  ),
  EXPECTATION_FAILED: bad(
    417,
    'The expectation cannot be met',
    'The request has an `Expect` header other than `100-continue`. Leave it out.',
  ),
  UNSUPPORTED_TRANSFER_ENCODING: bad(
    501,
    'The Transfer-Encoding of the body is not supported',
    'A body may be sent in chunks, and in no other transfer coding. Compress it by `Content-Encoding`.',
  ),
  HEADERS_TOO_LARGE: bad(
    431,
    'The request headers are larger than this gateway accepts',
    'The limit is `http.maxHeaderBytes` of the gateway, for all headers together, and 1,000 of them.',
  ),
  REQUEST_BODY_TIMEOUT: bad(
    408,
    'The request took too long to arrive',
    'The whole request must arrive within `http.bodyTimeoutMs` of the gateway.',
  ),
  INVALID_BATCH: bad(
    400,
    'Invalid batch',
    'A body of several messages is not valid JSON; the message says where. None of it was published.',
  ),
  BATCH_TOO_LARGE: bad(
    413,
    'Too many messages in one body',
    'The limit is `maxBatchMessages` of the entrypoint. None of them was published.',
  ),
  MESSAGE_TOO_LARGE: bad(
    413,
    'The message is larger than the endpoint accepts',
    "Kafka's limit for one record: `message.max.bytes` of the broker or topic.",
  ),
  TOO_MANY_HEADERS: bad(
    400,
    'The message has too many headers',
    'A message is published with at most 1,000 headers, and 256 KiB in them. It was not published.',
  ),
  REQUEST_TIMEOUT: away(
    504,
    'Request timeout',
    'The exchange took longer than `http.requestTimeoutMs`. What was published may or may not be stored.',
  ),
  FAILURE_CONFIGURATION_INVALID: broken(
    500,
    'Invalid configuration',
    'What the expressions and attributes of this request made of the configuration of the endpoint is not valid; the log says what. 400 where a value that came with the request is not, 500 where the definition names what there is not.',
  ),
  TOPIC_NOT_ALLOWED: bad(
    403,
    'This topic may not be chosen',
    'A request came, by an expression or attribute, to a topic that `allowedTopics` of the endpoint does not have; the log names it.',
  ),
  TOO_MANY_CONFIGURATIONS: away(
    503,
    'Too many configurations are in use',
    'The expressions and attributes of requests may come to 200 configurations of an endpoint at a time. Repeat after Retry-After seconds.',
  ),
  TOO_MANY_EVALUATIONS: away(
    503,
    'Too many large contents wait to be judged',
    'Contents that could hold others up are judged in threads, clients in turn; 10,000 of a client may wait. Repeat after Retry-After seconds.',
  ),
  NO_ENDPOINT_FOUND: away(503, 'No endpoint found', 'No endpoint of the API can serve this entrypoint.'),
  ENDPOINT_UNAVAILABLE: away(
    503,
    'The endpoint is not available',
    'The broker cannot be reached, so nothing was stored. Repeat after Retry-After seconds.',
  ),
  PUBLISH_QUEUE_FULL: away(
    503,
    'Too many messages are waiting to be stored',
    "The producer's bounded queue is full, so this message was not stored. Repeat after Retry-After seconds.",
  ),
  PUBLISH_TIMEOUT: away(
    503,
    'The message was not acknowledged in time; it may or may not be stored',
    'The broker did not acknowledge within the delivery timeout. Repeating may store it twice.',
  ),
  PUBLISH_REFUSED: broken(
    502,
    'The endpoint refused the message',
    'The broker answered with an error, such as an unknown topic or a missing permission; the log says which.',
  ),
  PUBLISH_DISABLED: broken(
    503,
    'Publishing is not enabled on this API',
    'The endpoint has `producer.enabled` false.',
  ),
  SUBSCRIBE_FAILED: broken(
    502,
    'The endpoint refused the subscription',
    'The broker answered with an error, such as a missing permission; the log says which.',
  ),
  TOO_MANY_CONSUMERS: away(
    503,
    'Too many consumers are open',
    'The bound `maxConsumers` is reached, or the share of it that an API has. Repeat after Retry-After seconds.',
  ),
  CLIENT_SHARE_EXHAUSTED: away(
    429,
    'This client has as much open as its share allows',
    'One client holds its whole share of a bound that is there for all: of consumers (groups), waiting replays, configurations or streams; the message says of which. Close what is not needed, and repeat after Retry-After seconds. Without a credential all clients behind one address, such as a proxy, are one client.',
  ),
  SLOW_CONSUMER: away(
    503,
    'The client reads too slowly',
    'A stream whose client took nothing for the stall time is closed; it resumes with its last id.',
  ),
  UPGRADE_REQUIRED: bad(
    426,
    'Only version 13 of the WebSocket protocol is spoken',
    'The handshake asks for another version; `Sec-WebSocket-Version` of the answer names the one there is.',
  ),
  ORIGIN_FORBIDDEN: bad(
    403,
    'This origin may not connect',
    'The page that opened the WebSocket comes from an origin that `allowedOrigins` does not have.',
  ),
  INVALID_FRAME: bad(
    400,
    'Invalid frame',
    'A frame of the subprotocol `sluice.json.v1` is not valid; the message says what would be right. The connection goes on.',
  ),
  CONTENT_NOT_TEXT: broken(
    500,
    'The message is not text',
    'A message is not UTF-8, and `subscriber.frames` is `text`. Use `auto` or `binary`, or the subprotocol.',
  ),
  goaway: away(503, 'Stopping, please reconnect', 'The gateway is being stopped. Connect again.'),
  POLICY_INTERRUPTED: bad(
    500,
    'Interrupted by a policy',
    'A policy ended the request or message with a status, key and text of its own, which are what the client sees.',
  ),
  GATEWAY_POLICY_INTERNAL_ERROR: broken(
    500,
    'Internal Server Error',
    'A policy failed; the log has its cause under the request id.',
  ),
  TRANSFORM_HEADERS_FAILURE: broken(
    500,
    'The headers could not be transformed',
    'A value of the transform-headers policy could not be evaluated; the log has its cause.',
  ),
  FLOW_EXECUTION_FLOW_MATCHED_FAILURE: bad(
    404,
    'No flow matches the incoming request',
    'The API has `flowExecution.matchRequired`, and no flow of its plan or its own selects this request.',
  ),
  EXPRESSION_FAILED: broken(
    500,
    'An expression could not be evaluated',
    'An expression of the definition met a value it cannot work on, or took more time, depth or memory than it may; the log has the expression and the reason. 400 where the expression reads the request, 413 where what it met or came to is too large, or takes too long because it is large.',
  ),
  WEBHOOK_UNREACHABLE: away(
    503,
    'Webhook callback url is unreachable',
    'The callback of a subscription could not be reached or gave no answer, as often as its retries allow. The subscription stops with this as its failure cause, unless a dead-letter endpoint takes the message.',
  ),
  MESSAGE_PROCESSING_FAILED: broken(
    500,
    'Error occurred during message processing',
    'The callback of a subscription refused a message, as often as its retries allow, or a token for it could not be had. The subscription stops with this as its failure cause, unless a dead-letter endpoint takes the message.',
  ),
  INTERNAL_ERROR: broken(
    500,
    'Internal Server Error',
    'A fault in the gateway; the log has its cause under the request id.',
  ),
} as const satisfies Record<string, ErrorEntry>;

/** A key of the error table. */
export type ErrorKey = keyof typeof ERRORS;
