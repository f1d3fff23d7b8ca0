-- Last: from the commit on there are processes for this database
SELECT workflow._installed();
