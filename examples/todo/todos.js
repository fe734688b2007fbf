// The todos in PostgreSQL.
const { Pool } = require("pg");

const pool = new Pool({ connectionString: process.env.DB_URI, max: 4 });

// The database may restart under us: the pool connects again when it is asked.
pool.on("error", (error) => console.error("database:", error.message));

const setUp = () =>
  pool.query(`create table if not exists todo (
    id   integer generated always as identity primary key,
    what text    not null unique,
    done boolean not null default false
  )`);

const all = async () => (await pool.query("select id, what, done from todo order by done, id")).rows;

const one = async (id) => (await pool.query("select id, what, done from todo where id = $1", [id])).rows[0];

// A todo that is there already is not added twice; adding it again reopens it.
async function add(what) {
  const reopened = await pool.query("update todo set done = false where what = $1 returning id, what, done", [what]);
  if (reopened.rows.length > 0) return { todo: reopened.rows[0], isNew: false };
  const added = await pool.query(
    "insert into todo (what) values ($1) on conflict (what) do update set done = false returning id, what, done",
    [what],
  );
  return { todo: added.rows[0], isNew: true };
}

const setDone = async (id, done) =>
  (await pool.query("update todo set done = $2 where id = $1 returning id, what, done", [id, done])).rows[0];

const remove = async (id) => (await pool.query("delete from todo where id = $1", [id])).rowCount > 0;

const isReady = () => pool.query("select 1");

module.exports = { setUp, all, one, add, setDone, remove, isReady, close: () => pool.end() };
