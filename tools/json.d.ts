/** For the build alone: a JSON module is of any shape there, since the type check proper has read its real one. */
declare module '*.json' {
  const value: any;
  export default value;
}
