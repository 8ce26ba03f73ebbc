-- Who may see and write which rows, as it is now. The revisions bring a database here, and `crossdock schema check`
-- compares.
ALTER TABLE books ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON books TO branches_tenant, branches_platform;
CREATE POLICY books_platform ON books TO branches_platform USING (true) WITH CHECK (true);
CREATE POLICY books_own ON books TO branches_tenant USING (branch_id = (SELECT current_branch_id()))
    WITH CHECK (branch_id = (SELECT current_branch_id()));

ALTER TABLE loans ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON loans TO branches_tenant, branches_platform;
CREATE POLICY loans_platform ON loans TO branches_platform USING (true) WITH CHECK (true);
CREATE POLICY loans_own ON loans TO branches_tenant USING (branch_id = (SELECT current_branch_id()))
    WITH CHECK (branch_id = (SELECT current_branch_id()));
