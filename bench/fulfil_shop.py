"""A shop of thirty tables for the fulfilment bench: composite keys, shared addresses, nested data, messages, circles.

The schema and the rows are made here; `make` fills a PostgreSQL database on the server's side, so ten million rows take
a minute. Persons share addresses two by two; ids are spread so that a person's rows lie all over the tables.
"""

from __future__ import annotations

from typing import Any

import psycopg

# Tables below the customer, and how many rows each customer has on average.
CHILDREN: dict[str, int] = {
    "login": 6, "consent": 2, "cart": 1, "wishlist": 1, "review": 2, "ticket": 1, "subscription": 1, "voucher": 1,
    "payment_card": 1, "newsletter_open": 8, "search_query": 8, "page_view": 10, "device": 1, "loyalty": 1, "survey": 1,
    "complaint": 1,
}  # fmt: skip
GRANDCHILDREN = {"cart_line": "cart", "wishlist_line": "wishlist", "ticket_note": "ticket", "loyalty_entry": "loyalty"}

BASE = """
CREATE TABLE address (id bigint PRIMARY KEY, street text, city text, zip text);
CREATE TABLE customer (id bigint PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, name text NOT NULL, phone text,
  address_id bigint REFERENCES address(id), profile jsonb);
CREATE TABLE product (id bigint PRIMARY KEY, title text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer(id),
  shipping_address_id bigint REFERENCES address(id), note text, placed timestamptz);
CREATE TABLE order_line (order_id bigint REFERENCES orders(id), line int, product_id bigint REFERENCES product(id),
  qty int,
  PRIMARY KEY (order_id, line));
CREATE TABLE order_line_gift (order_id bigint, line int, card text NOT NULL, PRIMARY KEY (order_id, line),
  FOREIGN KEY (order_id, line) REFERENCES order_line(order_id, line));
CREATE TABLE message (id bigint PRIMARY KEY, sender_id bigint REFERENCES customer(id),
  recipient_id bigint REFERENCES customer(id), body text);
CREATE TABLE shipment (id bigint PRIMARY KEY, order_id bigint REFERENCES orders(id), tracking text);
CREATE TABLE invoice (id bigint PRIMARY KEY, order_id bigint REFERENCES orders(id), billing jsonb);
CREATE TABLE audit_log (id bigint PRIMARY KEY, what text);
"""

FILL = """
INSERT INTO address SELECT i, 'Street '||i, 'City '||i%997, (10000+i%89999)::text FROM generate_series(1, {n}/2+1) i;
INSERT INTO customer SELECT i, 'person'||i||'@example.org', 'Person '||i, '+47'||i, i/2+1,
  jsonb_build_object('nick', 'p'||i, 'tags', jsonb_build_array('a','b')) FROM generate_series(1, {n}) i;
INSERT INTO product SELECT i, 'Product '||i FROM generate_series(1, 5000) i;
INSERT INTO orders SELECT i, (i*7919::bigint)%{n}+1, ((i*7919::bigint)%{n}+1)/2+1, 'note '||i, now()
  FROM generate_series(1, {n}*3) i;
INSERT INTO order_line SELECT o, l, (o*31+l)%5000+1, l FROM generate_series(1, {n}*3) o, generate_series(1, 3) l;
INSERT INTO order_line_gift SELECT o, 1, 'card '||o FROM generate_series(1, {n}*3) o;
INSERT INTO message SELECT i, (i*104729::bigint)%{n}+1, (i*1299709::bigint)%{n}+1, 'body '||i
  FROM generate_series(1, {n}*4) i;
INSERT INTO shipment SELECT i, i, 'T'||i FROM generate_series(1, {n}*3) i;
INSERT INTO invoice SELECT i, i, jsonb_build_object('name', 'Person '||i, 'vat', 'x') FROM generate_series(1, {n}*3) i;
INSERT INTO audit_log SELECT i, 'w' FROM generate_series(1, 1000) i;
CREATE INDEX ON customer(address_id); CREATE INDEX ON orders(customer_id); CREATE INDEX ON orders(shipping_address_id);
CREATE INDEX ON message(sender_id); CREATE INDEX ON message(recipient_id); CREATE INDEX ON shipment(order_id);
CREATE INDEX ON invoice(order_id); CREATE INDEX ON order_line(product_id);
"""


def schema() -> str:
    """Return the statements that make the tables."""
    parts = [BASE]
    parts += [
        f"CREATE TABLE {name} (id bigint PRIMARY KEY, customer_id bigint REFERENCES customer(id), txt text);"
        for name in CHILDREN
    ]
    for name, above in GRANDCHILDREN.items():
        parts.append(
            f"CREATE TABLE {name} (id bigint PRIMARY KEY, {above}_id bigint REFERENCES {above}(id), txt text);"
        )
    return "\n".join(parts)


def make(url: str, customers: int) -> None:
    """Make and fill the shop."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(schema().encode())
        connection.execute(FILL.format(n=customers).encode())
        for step, (name, share) in enumerate(CHILDREN.items()):
            spread = 7927 + 2 * step
            connection.execute(
                f"INSERT INTO {name} SELECT i, (i*{spread}::bigint)%{customers}+1, 't'||i "
                f"FROM generate_series(1, {customers * share}) i; CREATE INDEX ON {name}(customer_id)".encode()
            )
        for name, above in GRANDCHILDREN.items():
            connection.execute(
                f"INSERT INTO {name} SELECT i, i, 't'||i FROM generate_series(1, {customers}) i; "
                f"CREATE INDEX ON {name}({above}_id)".encode()
            )
        # Vacuumed now, so that the server does not do it while requests are measured.
        connection.execute(b"VACUUM (ANALYZE)")


def data_map() -> dict[str, Any]:
    """Return the shop's map, in habeas's own format."""
    below = {"fields": {"customer_id": {"from": "customer.id"}, "txt": "user.content"}, "key": "id"}
    tables: dict[str, Any] = {
        "customer": {"key": "id", "fields": {
            "email": {"identity": "email", "category": "user.contact.email"}, "name": "user.name",
            "phone": {"category": "user.contact.phone_number"}, "address_id": {"to": "address.id"},
            "profile": {"fields": {"nick": "user.name", "tags": {"type": "string[]", "category": "user"}}}}},
        "address": {"key": "id", "fields": {"street": "user.contact", "city": "user.contact", "zip": "user.contact"}},
        "product": {"key": "id", "fields": {"title": {}}},
        "orders": {"key": "id", "fields": {"customer_id": {"from": "customer.id"}, "note": "user.content", "placed": {},
                                           "shipping_address_id": {"to": "address.id"}}},
        "order_line": {"key": ["order_id", "line"], "fields": {"order_id": {"from": "orders.id"}, "qty": {},
                                                               "product_id": {"to": "product.id"}}},
        "order_line_gift": {"key": ["order_id", "line"], "fields": {"card": "user.content"}, "references": [
            {"fields": ["order_id", "line"], "from": "order_line", "their_fields": ["order_id", "line"]}]},
        "message": {"key": "id", "fields": {"sender_id": {"from": "customer.id"}, "body": "user.content",
                                            "recipient_id": {"from": "customer.id"}}},
        "shipment": {"key": "id", "fields": {"order_id": {"from": "orders.id"}, "tracking": "user"}},
        "invoice": {"key": "id", "fields": {"order_id": {"from": "orders.id"}, "billing": {"fields": {
            "name": "user.name", "vat": "user.financial"}}}},
    }  # fmt: skip
    tables |= dict.fromkeys(CHILDREN, below)
    for name, above in GRANDCHILDREN.items():
        tables[name] = {"key": "id", "fields": {f"{above}_id": {"from": f"{above}.id"}, "txt": "user.content"}}
    return {"system": "shop", "tables": tables}


def without(tables: dict[str, Any], kept: int) -> dict[str, Any]:
    """Return a map of fewer tables, leaves first, for measuring by number of tables."""
    names = list(tables["tables"])
    dropped = set(names[kept:]) if kept < len(names) else set()
    left = {n: t for n, t in tables["tables"].items() if n not in dropped}
    return {"system": tables["system"], "tables": left}
