/** The errors of the API by their names (tanium-api.md 2): which status each has, and how its text begins. */

const missing = {
  EndpointNotFound: 'The requested URL was not found',
  SensorNotFound: 'The requested sensor was not found',
  PackageNotFound: 'The requested package was not found',
  PackageFileNotFound: 'The requested package file was not found',
  QuestionNotFound: 'The requested question was not found',
  SavedQuestionNotFound: 'The requested saved question was not found',
  ActionNotFound: 'The requested action was not found',
  ActionStopNotFound: 'The requested action stop was not found',
  SavedActionNotFound: 'The requested saved action was not found',
  GroupNotFound: 'The requested group was not found',
  ComputerGroupNotFound: 'The requested computer group was not found',
  ActionGroupNotFound: 'The requested action group was not found',
  APITokenNotFound: 'The requested API token was not found',
  ContentSetNotFound: 'The requested content set was not found',
} as const;

/** Which 4XX each one has is written nowhere: not found is 404, invalid or double 400, as clients have seen them. */
const wrong = {
  TagNotFound: 'A required property is missing',
  InvalidJSONBody: 'The body is not a JSON object',
  InvalidContentType: 'The content type is not supported',
  InvalidBase64: 'The bytes are not Base64',
  FileSizeRequired: 'file_size is required',
  ActionRequiresPackage: 'An action requires a package',
  AddActionFailed: 'The action could not be created',
  AddSavedActionFailed: 'The saved action could not be created',
  UpdateSavedActionFailed: 'The saved action could not be changed',
  PackageNameRequired: 'A package requires a name',
  PackageNameNotUnique: 'A package of this name exists',
  PackageCommandRequired: 'A package requires a command',
  SensorNameNotUnique: 'A sensor of this name exists',
  SensorNameTooLong: 'The name of a sensor has at most 256 characters',
  CannotModifyReservedSensor: 'A reserved sensor cannot be changed',
  SavedQuestionNameRequired: 'A saved question requires a name',
  SavedQuestionNameNotUnique: 'A saved question of this name exists',
  GroupNameNotUnique: 'A group of this name exists',
  InvalidGroupQueryText: 'The text is no right-hand side of a question',
  CannotUpdateOrDeleteReservedGroup: 'A reserved group cannot be changed',
  ContentSetNameNotUnique: 'A content set of this name exists',
  ComputerGroupNameRequired: 'A computer group requires a name',
  ComputerGroupAlreadyExists: 'A computer group of this name already exists',
  GroupMembershipCannotBeUpdated: 'The members of a group cannot be changed',
  ActionGroupNameInvalid: 'The name of the action group is invalid',
  MustSpecifyNonEmptyReferenceIDs: 'reference_ids is empty',
  UsersNonSummaryViewDisallowed: 'Users are listed with the option summary',
  MustSpecifyCacheIDAndReferenceIDs: 'cache_id and reference_ids are required',
} as const;

const failing = {
  SensorNameInvalid: 'The name of the sensor is invalid',
} as const;

const unauthorized = {
  Unauthorized: 'The session or token is not valid',
} as const;

const forbidden = {
  InvalidSession: 'The session has expired',
  RBACInvalidOperation: 'The operation is not allowed',
  RBACInsufficientPrivilege: 'The persona lacks a privilege',
} as const;

export type ErrorName =
  | keyof typeof missing
  | keyof typeof wrong
  | keyof typeof failing
  | keyof typeof unauthorized
  | keyof typeof forbidden;

interface Family {
  readonly status: number;
  readonly category: string;
  readonly messages: Readonly<Partial<Record<ErrorName, string>>>;
}

const families: readonly Family[] = [
  { status: 404, category: 'REST Object Not Found Exception', messages: missing },
  { status: 400, category: 'REST Processing Exception', messages: wrong },
  { status: 500, category: 'REST Processing Exception', messages: failing },
  { status: 401, category: 'REST Authorization Exception', messages: unauthorized },
  { status: 403, category: 'REST Authorization Exception', messages: forbidden },
];

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export function reasonOf(status: number): string {
  return reasons[status] ?? 'Error';
}

/** A request that the server refuses; it becomes `{"text": "<status> <reason>\n\n<category>: <name>: <message>"}`. */
export class Refusal extends Error {
  readonly status: number;
  readonly text: string;

  constructor(name: ErrorName, detail?: string) {
    const family = families.find(({ messages }) => name in messages);
    const { status, category, messages } = family ?? {
      status: 500,
      category: 'REST Processing Exception',
      messages: {},
    };
    const text = `${status} ${reasonOf(status)}\n\n${category}: ${name}: ${detail ?? messages[name] ?? ''}`;
    super(text);
    this.name = 'Refusal';
    this.status = status;
    this.text = text;
  }
}
