/** The ports of content and tokens over one client. */
import type { FleetContent, FleetTokens } from '../fleet-ports.ts';
import type { TaniumClient } from './client.ts';
import { lookAtContent } from './content-look.ts';
import { changePackage, changeSensor, createPackage, createSensor, uploadFile } from './content-write.ts';
import { createToken, currentUser, deleteToken, listTokens } from './tokens.ts';

export function taniumContent(client: TaniumClient): FleetContent {
  return {
    look: (request, signal) => lookAtContent(client, request, signal),
    upload: (bytes, signal) => uploadFile(client, bytes, signal),
    createSensor: (fields, signal) => createSensor(client, fields, signal),
    createPackage: (fields, signal) => createPackage(client, fields, signal),
    changeSensor: (id, fields, signal) => changeSensor(client, id, fields, signal),
    changePackage: (id, fields, signal) => changePackage(client, id, fields, signal),
  };
}

export function taniumTokens(client: TaniumClient): FleetTokens {
  return {
    list: (signal) => listTokens(client, signal),
    user: (signal) => currentUser(client, signal),
    create: (token, signal) => createToken(client, token, signal),
    remove: (id, signal) => deleteToken(client, id, signal),
  };
}
