// The todos in PostgreSQL.
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DB_URI, max: 4 });

// The database may restart at any time: the pool reconnects at the next query.
pool.on("error", (error) => console.error("database:", error.message));

async function rows(text, ...values) {
  return (await pool.query(text, values)).rows;
}

export const setUp = () =>
  rows(`create table if not exists todo (
    id   integer generated always as identity primary key,
    what text    not null unique,
    done boolean not null default false
  )`);

export const all = () => rows("select id, what, done from todo order by done, id");

export const one = async (id) => (await rows("select id, what, done from todo where id = $1", id))[0];

// An existing todo is not added twice; adding it again reopens it.
export async function add(what) {
  const [reopened] = await rows("update todo set done = false where what = $1 returning id, what, done", what);
  if (reopened) return { todo: reopened, isNew: false };
  const [todo] = await rows(
    "insert into todo (what) values ($1) on conflict (what) do update set done = false returning id, what, done",
    what,
  );
  return { todo, isNew: true };
}

export const setDone = async (id, done) =>
  (await rows("update todo set done = $2 where id = $1 returning id, what, done", id, done))[0];

export const remove = async (id) => (await rows("delete from todo where id = $1 returning id", id)).length > 0;
