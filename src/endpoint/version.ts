/** Version of the endpoint scripts that this program carries and speaks with; `$ScriptVersion` of the management script. */
export const scriptVersion = '1.0.0';
