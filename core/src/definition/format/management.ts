type Json = Readonly<Record<string, unknown>>;

/** Members that a management API keeps for itself, of an API and of its plans: they say nothing to a gateway. */
export const MANAGEMENT_MEMBERS = {
  api: [
    ...[
      'categories',
      'consoleNotificationConfiguration',
      'contextRef',
      'createdAt',
      'crossId',
      'definitionContext',
    ],
    ...[
      'deployedAt',
      'deploymentState',
      'disableMembershipNotifications',
      'environmentId',
      'groups',
      'hrid',
      'labels',
    ],
    ...['lifecycleState', 'links', '_links', 'members', 'notifyMembers', 'originContext', 'pages', 'picture'],
    ...['primaryOwner', 'background', 'updatedAt', 'visibility', 'workflowState'],
  ],
  plan: [
    ...[
      'apiId',
      'apiType',
      'characteristics',
      'closedAt',
      'commentMessage',
      'commentRequired',
      'createdAt',
      'crossId',
    ],
    ...['definitionVersion', 'description', 'environmentId', 'excludedGroups', 'generalConditions', 'hrid'],
    ...['needRedeployAt', 'order', 'publishedAt', 'type', 'updatedAt', 'validation'],
  ],
} as const;

/** An object without some of its members; the object itself when it has none of them. */
export function withoutMembers<T extends Json>(object: T, names: readonly string[]): T {
  if (!names.some((name) => Object.hasOwn(object, name))) return object;
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as T;
}
