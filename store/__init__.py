"""What the bot remembers: tables, the connection, migrations, and one file of queries per noun."""
