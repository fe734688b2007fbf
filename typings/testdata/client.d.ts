// As "vite/client" has it.
interface ImportMetaEnv {
  [key: string]: any;
  MODE: string;
}
interface ImportMeta {
  url: string;
  readonly env: ImportMetaEnv;
}
declare module "*.txt" {
  const src: string;
  export default src;
}
